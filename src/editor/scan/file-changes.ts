import * as vscode from 'vscode';
import type { Settings } from '../settings';
import type { Scanner } from './scanner';

/** Time from a change of a file to when the results follow, in milliseconds: tools change many at a time, and some never rest. */
const GATHERING = 500;

/** Files that are looked at one by one; when more have changed, as by a checkout, the workspace is gone through, which costs less. */
const ONE_BY_ONE = 50;

/** Keeps the results of a scan up to date with the files of the workspace. */
export class FileChanges implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[];
  private readonly changed = new Map<string, vscode.Uri>();
  private all = false;
  private timer: NodeJS.Timeout | undefined;
  /** Whether the results of an earlier window are on their way: they were compared with the files before these have changed. */
  private resuming = true;
  private disposed = false;

  /** @param resumed settles when the results of an earlier window have come back, if there are any. */
  constructor(
    private readonly scanner: Scanner,
    settings: Settings,
    resumed: Promise<void>,
  ) {
    void resumed.finally(() => {
      this.resuming = false;
      if (this.all || this.changed.size > 0) {
        this.wait();
      }
    });
    const watcher = vscode.workspace.createFileSystemWatcher('**/*');
    const note = (uri: vscode.Uri): void => this.note(uri);
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(note),
      watcher.onDidChange(note),
      watcher.onDidDelete(note),
      // Not every file system tells of changes: what is done in this editor is known all the same.
      vscode.workspace.onDidSaveTextDocument(({ uri }) => note(uri)),
      vscode.workspace.onDidCreateFiles(({ files }) => files.forEach(note)),
      vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach(note)),
      vscode.workspace.onDidRenameFiles(({ files }) => files.forEach(({ oldUri, newUri }) => [oldUri, newUri].forEach(note))),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.noteAll()),
      settings.onDidChangeScannedFiles(() => this.noteAll()),
    ];
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private note(uri: vscode.Uri): void {
    if (uri.path.endsWith('/.gitignore')) {
      this.noteAll();
    } else if (!uri.path.includes('/.git/')) {
      this.changed.set(uri.toString(), uri);
      this.wait();
    }
  }

  private noteAll(): void {
    this.all = true;
    this.wait();
  }

  private wait(): void {
    if (this.resuming || this.disposed) {
      return;
    }
    if (this.scanner.state.kind === 'none' || this.scanner.state.kind === 'interrupted') {
      this.changed.clear();
      this.all = false;
      return;
    }
    this.timer ??= setTimeout(() => this.follow(), GATHERING);
  }

  private follow(): void {
    this.timer = undefined;
    const uris = [...this.changed.values()];
    const all = this.all || uris.length > ONE_BY_ONE;
    this.changed.clear();
    this.all = false;
    void (all ? this.scanner.scanAgain(uris) : this.scanner.refresh(uris));
  }
}
