import * as vscode from 'vscode';
import { Baseline, BASELINE_FILE, BaselineError } from '../../core/findings/baseline';

/** Where the workspace remembers that known findings are shown. */
const SHOWN = 'glance.knownFindingsShown';

/** The baselines of the workspace's folders: which findings the team knows of. */
export class Baselines implements vscode.Disposable {
  private readonly byFolder = new Map<string, Baseline | BaselineError>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  private shown: boolean;

  /** Fires when baselines have changed, or whether known findings are shown. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly log: Pick<vscode.LogOutputChannel, 'warn' | 'info'>,
  ) {
    this.shown = memory.get(SHOWN, false);
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${BASELINE_FILE}`);
    const reload = (uri: vscode.Uri): void => {
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      if (folder && baselineOf(folder).toString() === uri.toString()) {
        void this.load([folder]);
      }
    };
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(reload),
      watcher.onDidChange(reload),
      watcher.onDidDelete(reload),
      vscode.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        if (removed.filter(({ uri }) => this.byFolder.delete(uri.toString())).length > 0) {
          this.changed.fire();
        }
        void this.load(added);
      }),
    ];
    void this.load(vscode.workspace.workspaceFolders ?? []);
  }

  /** Whether known findings are shown like others. */
  get areKnownShown(): boolean {
    return this.shown;
  }

  /** Whether there is any baseline. */
  get any(): boolean {
    return this.byFolder.size > 0;
  }

  /** What is wrong with baselines, for people: a sentence for each. */
  get faults(): string[] {
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => {
      const baseline = this.byFolder.get(folder.uri.toString());
      return baseline instanceof BaselineError ? [vscode.l10n.t('{0} in {1} {2}. All findings are shown.', BASELINE_FILE, folder.name, baseline.message)] : [];
    });
  }

  /** Whether a finding is left out since the baseline of its folder has it. */
  hides(fingerprint: string, uri: vscode.Uri): boolean {
    return !this.shown && this.has(fingerprint, uri);
  }

  /** Whether the baseline of a file's folder has a finding. */
  has(fingerprint: string, uri: vscode.Uri): boolean {
    if (this.byFolder.size === 0) {
      return false;
    }
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const baseline = folder && this.byFolder.get(folder.uri.toString());
    return baseline instanceof Baseline && baseline.has(fingerprint);
  }

  async showKnown(shown: boolean): Promise<void> {
    this.shown = shown;
    this.changed.fire();
    await this.memory.update(SHOWN, shown);
  }

  /** Reads the baselines of folders anew. */
  async load(folders: readonly vscode.WorkspaceFolder[]): Promise<void> {
    const found = await Promise.all(folders.map(async (folder) => [folder.uri.toString(), await read(folder)] as const));
    const before = this.byFolder.size;
    for (const [folder, baseline] of found) {
      this.byFolder.delete(folder);
      if (baseline) {
        this.byFolder.set(folder, baseline);
      }
    }
    this.faults.forEach((fault) => this.log.warn(fault));
    if (before > 0 || this.byFolder.size > 0) {
      this.changed.fire();
    }
  }

  dispose(): void {
    vscode.Disposable.from(this.changed, ...this.subscriptions).dispose();
  }
}

/** Where the baseline of a folder stands. */
export function baselineOf(folder: vscode.WorkspaceFolder): vscode.Uri {
  return vscode.Uri.joinPath(folder.uri, BASELINE_FILE);
}

async function read(folder: vscode.WorkspaceFolder): Promise<Baseline | BaselineError | undefined> {
  try {
    return Baseline.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(baselineOf(folder))));
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') {
      return undefined;
    }
    return error instanceof BaselineError ? error : new BaselineError(vscode.l10n.t('cannot be read ({0})', (error as Error).message));
  }
}
