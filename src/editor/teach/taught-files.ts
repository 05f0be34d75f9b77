import * as vscode from 'vscode';
import { review } from '../../core/teach/examples';
import { exampleLine, headerLine, LONGEST_FILE, parseTaughtTask, TaughtTaskError, type Example, type TaughtTask } from '../../core/teach/taught-task';
import { writeAtomically } from '../atomic-write';
import { isSameFolder } from '../workspace-files';

/** Where taught tasks stand in a workspace folder. */
const FOLDER = '.vscode/glance';

/** A file in the folder of taught tasks: a task, or what is wrong with it. */
export type TaughtFile = { readonly uri: vscode.Uri; readonly folder: vscode.WorkspaceFolder } & ({ readonly task: TaughtTask } | { readonly fault: string });

/** A file that holds a task. */
export type ReadableFile = Extract<TaughtFile, { readonly task: TaughtTask }>;

/** What a file held when it was read. */
interface Known {
  readonly mtime: number;
  readonly size: number;
  readonly held: { readonly task: TaughtTask } | { readonly fault: string };
}

/** The taught tasks of the workspace: a file each, as data that nothing is run from. */
export class TaughtFiles implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  private readonly known = new Map<string, Known>();

  /** Fires when a task has come, gone or changed. */
  readonly onDidChange = this.changed.event;

  constructor() {
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${FOLDER}/*.jsonl`);
    const tell = (): void => this.changed.fire();
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      watcher,
      watcher.onDidChange(tell),
      watcher.onDidCreate(tell),
      watcher.onDidDelete(tell),
      vscode.workspace.onDidChangeWorkspaceFolders(tell),
    );
  }

  /** All files as they are now, in order of folder and name. Those that have not changed are not read again. */
  async all(): Promise<readonly TaughtFile[]> {
    const files = await Promise.all((vscode.workspace.workspaceFolders ?? []).map((folder) => this.filesOf(folder)));
    return files.flat();
  }

  /** The files that hold tasks. */
  async tasks(): Promise<readonly ReadableFile[]> {
    return (await this.all()).filter((file) => 'task' in file);
  }

  /** The tasks that can be trained and have findings among comments: those of one folder of the workspace, or of all. */
  async reported(folder: vscode.WorkspaceFolder | undefined): Promise<readonly TaughtTask[]> {
    const files = (await this.tasks()).filter((file) => !folder || isSameFolder(file.folder, folder));
    return files.map(({ task }) => task).filter((task) => task.texts === 'comments' && task.silent !== null && review(task).missing.length === 0);
  }

  /**
   * Creates the file of a task without examples.
   * @throws when there is one of that name, or it cannot be written.
   */
  async create(folder: vscode.WorkspaceFolder, task: Omit<TaughtTask, 'examples'>): Promise<ReadableFile> {
    const uri = vscode.Uri.joinPath(folder.uri, FOLDER, `${task.name}.jsonl`);
    if (await exists(uri)) {
      throw new Error(vscode.l10n.t('{0} is there already, and holds no taught task. Mend it or move it away.', vscode.workspace.asRelativePath(uri)));
    }
    await this.write(uri, `${headerLine(task)}\n`);
    return { uri, folder, task: { ...task, examples: [] } };
  }

  /**
   * Adds examples at the end of a task's file, but for those that are there already. Where it is being edited, the edits are saved, too.
   * @returns the task with them, and how many were added.
   * @throws {TaughtTaskError} when the file is no task any more, or has no room for so many.
   */
  async add({ uri }: ReadableFile, examples: readonly Example[]): Promise<{ readonly task: TaughtTask; readonly added: number }> {
    const edited = vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri.toString());
    const content = edited?.getText() ?? (await read(uri));
    const lines = new Set(parseTaughtTask(content).examples.map(exampleLine));
    const fresh = examples.map(exampleLine).filter((line) => !lines.has(line) && lines.add(line));
    const addition = `${/\n\s*$/u.test(content) ? '' : '\n'}${fresh.map((line) => `${line}\n`).join('')}`;
    // Refused before anything is written.
    const task = parseTaughtTask(content + addition);
    if (fresh.length > 0) {
      await (edited ? this.insert(edited, addition) : this.write(uri, content + addition));
    }
    return { task, added: fresh.length };
  }

  /** Deletes files; the edit can be undone. */
  async remove(files: readonly TaughtFile[]): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    files.forEach(({ uri }) => edit.deleteFile(uri, { ignoreIfNotExists: true }));
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new Error(vscode.l10n.t('The files could not be deleted.'));
    }
    this.changed.fire();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async write(uri: vscode.Uri, content: string): Promise<void> {
    await writeAtomically(uri, new TextEncoder().encode(content));
    this.changed.fire();
  }

  private async insert(document: vscode.TextDocument, addition: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(document.getText().length), addition);
    if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save())) {
      throw new Error(vscode.l10n.t('{0} could not be saved.', vscode.workspace.asRelativePath(document.uri)));
    }
    this.changed.fire();
  }

  private async filesOf(folder: vscode.WorkspaceFolder): Promise<TaughtFile[]> {
    const parent = vscode.Uri.joinPath(folder.uri, FOLDER);
    // VS Code writes a warning to its log for every folder that is listed and not there.
    const entries = (await exists(parent)) ? await Promise.resolve(vscode.workspace.fs.readDirectory(parent)).catch(() => []) : [];
    const names = entries.map(([name]) => name).filter((name) => name.endsWith('.jsonl')).sort();
    return Promise.all(names.map((name) => this.fileAt(vscode.Uri.joinPath(parent, name), folder)));
  }

  private async fileAt(uri: vscode.Uri, folder: vscode.WorkspaceFolder): Promise<TaughtFile> {
    try {
      const { mtime, size } = await vscode.workspace.fs.stat(uri);
      const known = this.known.get(uri.toString());
      if (known?.mtime === mtime && known.size === size) {
        return { uri, folder, ...known.held };
      }
      const held = await taskAt(uri, size);
      this.known.set(uri.toString(), { mtime, size, held });
      return { uri, folder, ...held };
    } catch (error) {
      return { uri, folder, fault: (error as Error).message };
    }
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(() => true, () => false);
}

async function taskAt(uri: vscode.Uri, size: number): Promise<Known['held']> {
  if (size > LONGEST_FILE) {
    return { fault: vscode.l10n.t('It is {0} MB long; a file of examples may have {1} MB.', (size / 1e6).toFixed(0), LONGEST_FILE / 1e6) };
  }
  try {
    return { task: parseTaughtTask(await read(uri)) };
  } catch (error) {
    if (error instanceof TaughtTaskError) {
      return { fault: error.message };
    }
    throw error;
  }
}

async function read(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}
