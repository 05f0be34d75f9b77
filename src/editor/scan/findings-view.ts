import * as vscode from 'vscode';
import type { Baselines } from '../findings/baselines';
import type { FindingsTree, TreeNode } from './findings-tree';
import type { ScanResults } from './scan-results';
import type { Scanner, ScanState } from './scanner';

/** Pause between two looks at a scan that goes on, in milliseconds. */
const REFRESH = 250;

/** The view of the findings: what the scan is doing, its figures, and which of the view's commands make sense. */
export class FindingsView implements vscode.Disposable {
  private readonly view: vscode.TreeView<TreeNode>;
  private readonly subscriptions: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    tree: FindingsTree,
    private readonly scanner: Scanner,
    private readonly results: ScanResults,
    private readonly baselines: Baselines,
  ) {
    this.view = vscode.window.createTreeView('glance.findings', { treeDataProvider: tree, showCollapseAll: true });
    const later = (): void => void (this.timer ??= setTimeout(() => this.update(), REFRESH));
    this.subscriptions = vscode.Disposable.from(this.view, scanner.onDidChange(later), results.onDidChange(later), baselines.onDidChange(later));
    this.update();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  private update(): void {
    this.timer = undefined;
    const { state, isOutdated } = this.scanner;
    const { findings } = this.results.totals();
    this.view.description = findings > 0 ? vscode.l10n.t('{0} findings', findings) : '';
    this.view.message = [this.summary(state), isOutdated && vscode.l10n.t('Settings, taught labels or the engine have changed since: scan again.'), this.reticence(), this.roughness(), ...this.baselines.faults].filter(Boolean).join(' ');
    setContext('glance.scan', state.kind === 'looking' ? 'scanning' : state.kind);
    setContext('glance.knownFindings', this.baselines.any ? (this.baselines.areKnownShown ? 'shown' : 'hidden') : 'none');
  }

  private reticence(): string {
    return this.baselines.any && !this.baselines.areKnownShown ? vscode.l10n.t('Findings that the baseline has are not shown.') : '';
  }

  private roughness(): string {
    const { byExitZeroAlone } = this.results.totals();
    return byExitZeroAlone === 0 ? '' : vscode.l10n.t('In {0} files exit 0 alone answered, less reliably than the whole model: they are scanned again when an encoder can run.', byExitZeroAlone);
  }

  private summary(state: ScanState): string {
    switch (state.kind) {
      case 'none':
      case 'interrupted':
        // The view's welcome tells.
        return '';
      case 'looking':
        return vscode.l10n.t('Looking for source files: {0}', state.files);
      case 'scanning':
        return vscode.l10n.t('Scanning: {0} of {1} files', state.done, state.files);
      case 'stopped':
        return vscode.l10n.t('Stopped after {0} of {1} files. Scan again to go on.', state.done, state.files);
      case 'failed':
        return vscode.l10n.t('The scan failed: {0}', state.reason);
      case 'kept': {
        const { files, comments, findings } = this.results.totals();
        const found = vscode.l10n.t('{0} findings in {1} comments of {2} files.', findings, comments, files);
        return `${found} ${vscode.l10n.t('Found on {0}, in what has not changed since: scan again for the rest.', state.at.toLocaleString(vscode.env.language))}`;
      }
      case 'done': {
        const { files, comments, findings, meanExit } = this.results.totals();
        const { binary, tooLong, unreadable } = state.skipped;
        const left = binary + tooLong + unreadable;
        const figures = vscode.l10n.t('{0} findings in {1} comments of {2} files, mean exit {3}.', findings, comments, files, meanExit.toFixed(2));
        return left === 0 ? figures : `${figures} ${vscode.l10n.t('Left out: {0} binary, {1} too long, {2} unreadable.', binary, tooLong, unreadable)}`;
      }
    }
  }
}

function setContext(key: string, value: string): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
