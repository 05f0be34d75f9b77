import * as vscode from 'vscode';

/** A file system with one folder, in memory. */
export class TestFileSystem implements vscode.FileSystemProvider {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly files = new Map<string, Uint8Array>();

  readonly onDidChangeFile = this.changed.event;

  write(path: string, text: string): void {
    this.files.set(path, new TextEncoder().encode(text));
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const size = this.files.get(uri.path)?.length;
    if (size !== undefined) {
      return { type: vscode.FileType.File, ctime: 0, mtime: 0, size };
    }
    if ([...this.files.keys()].some((path) => path.startsWith(uri.path))) {
      return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    }
    throw vscode.FileSystemError.FileNotFound(uri);
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const content = this.files.get(uri.path);
    if (!content) {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
    return content;
  }

  readDirectory(uri: vscode.Uri): [string, vscode.FileType][] {
    const prefix = `${uri.path.replace(/\/$/u, '')}/`;
    return [...this.files.keys()].filter((path) => path.startsWith(prefix)).map((path) => [path.slice(prefix.length), vscode.FileType.File]);
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    this.files.set(uri.path, content);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
