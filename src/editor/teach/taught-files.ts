import * as vscode from 'vscode';
import { exampleLine, headerLine, LONGEST_FILE, parseTaughtTask, TaughtTaskError, type Example, type TaughtTask } from '../../core/teach/taught-task';

/** Where taught tasks stand in a workspace folder. */
const FOLDER = '.vscode/glance';

/** A file in the folder of taught tasks: a task, or what is wrong with it. */
export type TaughtFile = { readonly uri: vscode.Uri; readonly folder: vscode.WorkspaceFolder } & ({ readonly task: TaughtTask } | { readonly fault: string });

/** A file that holds a task. */
export type ReadableFile = Extract<TaughtFile, { readonly task: TaughtTask }>;

/** The taught tasks of the workspace: a file each, as data that nothing is run from. */
export class TaughtFiles implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  private read: Promise<readonly TaughtFile[]> | undefined;

  /** Fires when a task has come, gone or changed. */
  readonly onDidChange = this.changed.event;

  constructor() {
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${FOLDER}/*.jsonl`);
    const forget = (): void => this.forget();
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      watcher,
      watcher.onDidChange(forget),
      watcher.onDidCreate(forget),
      watcher.onDidDelete(forget),
      vscode.workspace.onDidChangeWorkspaceFolders(forget),
    );
  }

  /** All files, in order of folder and name. */
  all(): Promise<readonly TaughtFile[]> {
    this.read ??= Promise.all((vscode.workspace.workspaceFolders ?? []).map(filesOf)).then((files) => files.flat());
    return this.read;
  }

  /** The files that hold tasks. */
  async tasks(): Promise<readonly ReadableFile[]> {
    return (await this.all()).filter((file) => 'task' in file);
  }

  /**
   * Creates the file of a task without examples.
   * @throws when there is one of that name, or it cannot be written.
   */
  async create(folder: vscode.WorkspaceFolder, task: Omit<TaughtTask, 'examples'>): Promise<ReadableFile> {
    const uri = vscode.Uri.joinPath(folder.uri, FOLDER, `${task.name}.jsonl`);
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(uri, { contents: new TextEncoder().encode(`${headerLine(task)}\n`) });
    await this.apply(edit, uri);
    return { uri, folder, task: { ...task, examples: [] } };
  }

  /**
   * Adds examples at the end of a task's file, but for those that are there already. The edit can be undone.
   * @returns the task with them, and how many were added.
   * @throws {TaughtTaskError} when the file is no task any more.
   */
  async add({ uri }: ReadableFile, examples: readonly Example[]): Promise<{ readonly task: TaughtTask; readonly added: number }> {
    const document = await vscode.workspace.openTextDocument(uri);
    const lines = new Set(parseTaughtTask(document.getText()).examples.map(exampleLine));
    const fresh = examples.map(exampleLine).filter((line) => !lines.has(line) && lines.add(line));
    const last = document.lineAt(document.lineCount - 1);
    const addition = fresh.map((line) => `${line}\n`).join('');
    const content = `${document.getText()}${last.isEmptyOrWhitespace ? '' : '\n'}${addition}`;
    // Refused before anything is written.
    const task = parseTaughtTask(content);
    if (fresh.length > 0) {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(uri, last.range.end, `${last.isEmptyOrWhitespace ? '' : '\n'}${addition}`);
      await this.apply(edit, uri);
    }
    return { task, added: fresh.length };
  }

  /** Deletes files; the edit can be undone. */
  async remove(files: readonly TaughtFile[]): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    files.forEach(({ uri }) => edit.deleteFile(uri, { ignoreIfNotExists: true }));
    await this.apply(edit);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async apply(edit: vscode.WorkspaceEdit, saved?: vscode.Uri): Promise<void> {
    const isApplied = await vscode.workspace.applyEdit(edit);
    const isSaved = !saved || (await (await vscode.workspace.openTextDocument(saved)).save());
    this.forget();
    if (!isApplied || !isSaved) {
      throw new Error(`${saved ? vscode.workspace.asRelativePath(saved) : FOLDER} could not be changed. Is it there already, or may it not be written?`);
    }
  }

  private forget(): void {
    this.read = undefined;
    this.changed.fire();
  }
}

async function filesOf(folder: vscode.WorkspaceFolder): Promise<TaughtFile[]> {
  const parent = vscode.Uri.joinPath(folder.uri, FOLDER);
  const entries = await Promise.resolve(vscode.workspace.fs.readDirectory(parent)).catch(() => []);
  const names = entries.map(([name]) => name).filter((name) => name.endsWith('.jsonl')).sort();
  return Promise.all(names.map((name) => readFile(vscode.Uri.joinPath(parent, name), folder)));
}

async function readFile(uri: vscode.Uri, folder: vscode.WorkspaceFolder): Promise<TaughtFile> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > LONGEST_FILE) {
      throw new TaughtTaskError(`It is ${(size / 1e6).toFixed(0)} MB long; a file of examples may have ${LONGEST_FILE / 1e6} MB.`);
    }
    return { uri, folder, task: parseTaughtTask(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri))) };
  } catch (error) {
    return { uri, folder, fault: error instanceof Error ? error.message : String(error) };
  }
}
