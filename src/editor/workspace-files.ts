import * as vscode from 'vscode';
import { exclusions } from '../core/files/exclusions';
import { rulesAbove, type Ancestry } from '../core/files/rules-above';
import { filesUnder, isLeftOut, type Entry, type FolderReader } from '../core/files/walk';
import { languageOfFile, type Language } from '../core/sources/comments/languages';
import type { Settings } from './settings';

/** A file of the workspace. */
export interface WorkspaceFile {
  readonly folder: vscode.WorkspaceFolder;
  readonly uri: vscode.Uri;
  /** Relative to the workspace folder, with `/`. */
  readonly path: string;
}

/** A file of the workspace whose comments can be found. */
export interface SourceFile extends WorkspaceFile {
  readonly language: Language;
}

/** Finds the files of workspace folders, wherever those are: through VS Code's file systems, without what `.gitignore` files and VS Code's settings leave out. */
export class WorkspaceFiles {
  constructor(private readonly settings: Settings) {}

  /** The source files of a folder. */
  async *of(folder: vscode.WorkspaceFolder): AsyncGenerator<SourceFile> {
    yield* this.under(folder, '');
  }

  /** The files of a folder whose paths are wanted. */
  async *matching(folder: vscode.WorkspaceFolder, isWanted: (path: string) => boolean, start = ''): AsyncGenerator<WorkspaceFile> {
    const reader = new WorkspaceFolderReader(folder.uri);
    for await (const path of filesUnder(reader, await rulesAbove(folder.uri, ABOVE, isCaseBlind(folder.uri)), exclusions(...this.settings.excluded(folder)), start)) {
      const uri = isWanted(path) ? vscode.Uri.joinPath(folder.uri, path) : undefined;
      // A folder of the workspace may stand in another: each file is the innermost one's.
      if (uri && isSameFolder(vscode.workspace.getWorkspaceFolder(uri), folder)) {
        yield { folder, uri, path };
      }
    }
  }

  /** The source files at or below a place in the workspace; none where there is nothing, or nothing that is scanned. */
  async *at(uri: vscode.Uri): AsyncGenerator<SourceFile> {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const type = await vscode.workspace.fs.stat(uri).then((stat) => stat.type, () => undefined);
    if (!folder || type === undefined) {
      return;
    }
    const path = pathIn(folder, uri);
    if (type === vscode.FileType.Directory) {
      yield* this.under(folder, path);
    } else if (type === vscode.FileType.File) {
      const file = sourceFile(folder, path);
      if (file && !(await isLeftOut(new WorkspaceFolderReader(folder.uri), path, false, await rulesAbove(folder.uri, ABOVE, isCaseBlind(folder.uri)), exclusions(...this.settings.excluded(folder))))) {
        yield file;
      }
    }
  }

  private async *under(folder: vscode.WorkspaceFolder, start: string): AsyncGenerator<SourceFile> {
    for await (const file of this.matching(folder, (path) => languageOfFile(path) !== undefined, start)) {
      const language = languageOfFile(file.path);
      if (language) {
        yield { ...file, language };
      }
    }
  }
}

/** Folders are told apart by their places: the number of one changes when another is removed. */
export function isSameFolder(one: vscode.WorkspaceFolder | undefined, other: vscode.WorkspaceFolder): boolean {
  return one?.uri.toString() === other.uri.toString();
}

/** The path of a file relative to its workspace folder, with `/`. */
export function pathIn(folder: vscode.WorkspaceFolder, uri: vscode.Uri): string {
  return uri.path.slice(folder.uri.path.replace(/\/$/u, '').length + 1);
}

function sourceFile(folder: vscode.WorkspaceFolder, path: string): SourceFile | undefined {
  const language = languageOfFile(path);
  return language && { folder, path, language, uri: vscode.Uri.joinPath(folder.uri, path) };
}

/** Symbolic links are not followed: the bit that marks them makes their type another. */
const KINDS: ReadonlyMap<vscode.FileType, Entry['kind']> = new Map([
  [vscode.FileType.File, 'file'],
  [vscode.FileType.Directory, 'folder'],
]);

const ABOVE: Ancestry<vscode.Uri> = {
  parent: (folder) => {
    const parent = vscode.Uri.joinPath(folder, '..');
    return parent.path === folder.path ? undefined : parent;
  },
  name: ({ path }) => path.slice(path.lastIndexOf('/') + 1),
  has: (folder, name) => exists(vscode.Uri.joinPath(folder, name)),
  read: (folder, name) => readText(vscode.Uri.joinPath(folder, name)),
};

class WorkspaceFolderReader implements FolderReader {
  readonly ignoreCase: boolean;

  constructor(private readonly root: vscode.Uri) {
    this.ignoreCase = isCaseBlind(root);
  }

  async list(path: string): Promise<readonly Entry[]> {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(this.root, path)).then(undefined, () => []);
    return entries.flatMap(([name, type]): Entry[] => {
      const kind = KINDS.get(type);
      return kind ? [{ name, kind }] : [];
    });
  }

  read(path: string): Promise<string | undefined> {
    return readText(vscode.Uri.joinPath(this.root, path));
  }
}

/** Git matches without regard to case where file systems usually do. */
function isCaseBlind({ scheme }: vscode.Uri): boolean {
  return scheme === 'file' && (process.platform === 'win32' || process.platform === 'darwin');
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(() => true, () => false);
}

async function readText(uri: vscode.Uri): Promise<string | undefined> {
  return vscode.workspace.fs.readFile(uri).then((bytes) => new TextDecoder().decode(bytes), () => undefined);
}
