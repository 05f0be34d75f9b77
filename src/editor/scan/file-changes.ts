import * as vscode from 'vscode';
import type { Settings } from '../settings';
import type { Scanner } from './scanner';

/** Pause after the last change of a file before the results follow, in milliseconds: tools change many at a time. */
const DEBOUNCE = 500;

/** Files that are looked at one by one; when more have changed, as by a checkout, the workspace is gone through, which costs less. */
const ONE_BY_ONE = 50;

/** Keeps the results of a scan up to date with the files of the workspace. */
export class FileChanges implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[];
  private readonly changed = new Map<string, vscode.Uri>();
  private all = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly scanner: Scanner,
    settings: Settings,
  ) {
    const watcher = vscode.workspace.createFileSystemWatcher('**/*');
    const note = (uri: vscode.Uri): void => this.note(uri);
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(note),
      watcher.onDidChange(note),
      watcher.onDidDelete(note),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.noteAll()),
      settings.onDidChangeScannedFiles(() => this.noteAll()),
    ];
  }

  dispose(): void {
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
    if (this.scanner.state.kind === 'none' || this.scanner.state.kind === 'interrupted') {
      this.changed.clear();
      this.all = false;
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(), DEBOUNCE);
  }

  private follow(): void {
    const uris = [...this.changed.values()];
    const all = this.all || uris.length > ONE_BY_ONE;
    this.changed.clear();
    this.all = false;
    void (all ? this.scanner.scanAgain() : this.scanner.refresh(uris));
  }
}
