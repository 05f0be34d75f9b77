import * as vscode from 'vscode';
import { GROUPINGS, type Grouping } from '../../core/findings/group';
import { offerLog } from '../offer-log';
import type { FindingFilter } from '../findings/finding-filter';
import { Settings } from '../settings';
import type { Commands, Parts, Surface } from '../surface';
import type { Baselines } from '../findings/baselines';
import { createBaseline } from './create-baseline';
import { exportFindings, type ExportTarget } from './export';
import { FileChanges } from './file-changes';
import { FindingsTree, type TreeNode } from './findings-tree';
import { FindingsView } from './findings-view';
import { ignoreFinding } from './ignore-finding';
import { KeptResults } from './kept-results';
import { ScanResults, type ScanTotals } from './scan-results';
import { Scanner } from './scanner';
import { searchFindings } from './search';
import { WorkspaceFiles } from '../workspace-files';
import { workspaceFolders } from './workspace-folders';

/** Where the workspace remembers how findings are grouped. */
const GROUPING = 'glance.grouping';

/** What a scan has come to, for other extensions and tests. */
export interface ScanOutcome extends ScanTotals {
  readonly kind: 'done' | 'stopped';
}

/** The whole workspace: the scan, the list of its findings, reports and the baseline. */
export class ScanSurface implements Surface {
  readonly commands: Commands = {
    'glance.scanWorkspace': () => this.scan(),
    'glance.stopScan': () => this.scanner.stop(),
    'glance.groupFindings': (grouping?: string) => this.group(grouping),
    'glance.showMoreFindings': (node: TreeNode) => this.tree.showMore(node),
    'glance.searchFindings': () => this.withResults(() => searchFindings(this.results)),
    'glance.exportFindings': (target?: ExportTarget) => this.withResults(() => exportFindings(this.results, () => this.isUnfinished(), target)),
    'glance.ignoreFinding': ({ child }: TreeNode) => (child.kind === 'finding' ? ignoreFinding(child) : undefined),
    'glance.dismissFinding': ({ child }: TreeNode) => (child.kind === 'finding' ? this.filter.notDebt.add(child.finding.text) : undefined),
    'glance.createBaseline': async () => ((await this.scan())?.kind === 'done' ? createBaseline(this.results, this.baselines) : []),
    'glance.showKnownFindings': () => this.baselines.showKnown(true),
    'glance.hideKnownFindings': () => this.baselines.showKnown(false),
  };
  private readonly memory: vscode.Memento;
  private readonly filter: FindingFilter;
  private readonly results: ScanResults;
  private readonly scanner: Scanner;
  private readonly tree: FindingsTree;
  private readonly log: vscode.LogOutputChannel;
  private readonly parts: vscode.Disposable;

  constructor(
    { context, engine, onDidChangeEngine, onDidRestartEngine, settings, filter, taught, log }: Parts,
    private readonly baselines: Baselines,
  ) {
    this.memory = context.workspaceState;
    this.log = log;
    this.filter = filter;
    this.results = new ScanResults(filter);
    this.scanner = new Scanner(engine, new WorkspaceFiles(settings), this.results, taught, settings, this.memory, log);
    this.tree = new FindingsTree(this.results, baselines, GROUPINGS.find((known) => known === this.memory.get(GROUPING)) ?? 'label');
    const kept = new KeptResults(context, settings, log);
    const folders = workspaceFolders();
    const resumed = folders.known.then(() => this.resume(kept));
    this.parts = vscode.Disposable.from(
      this.results,
      this.scanner,
      this.tree,
      new FindingsView(this.tree, this.scanner, this.results, baselines),
      folders,
      new FileChanges(this.scanner, settings, resumed),
      filter.onDidChange(() => void this.results.refilter()),
      settings.onDidChange((event) => {
        void this.results.refilter();
        if (Settings.changesAnswers(event) || Settings.changesEngine(event)) {
          this.scanner.outdate(Settings.changesEngine(event));
        }
      }),
      taught.onDidChange(() => this.scanner.outdate(false)),
      onDidRestartEngine(() => this.scanner.outdate(true)),
      onDidChangeEngine(({ kind }) => void (kind === 'running' && this.engineStarted(kept))),
      // Its state is told again when answers become doubtful: those are not to come back as if another engine had given them.
      this.scanner.onDidChange(({ kind }) => void (kind === 'done' && !this.scanner.isOutdated && kept.save(this.results))),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }

  private async resume(kept: KeptResults): Promise<void> {
    const earlier = await kept.load();
    // Without a file there is nothing to say of it.
    if (earlier && earlier.files.length > 0) {
      await this.scanner.resume(earlier);
      await this.refreshExitZeroAlone();
    }
  }

  private async engineStarted(kept: KeptResults): Promise<void> {
    kept.engineStarted();
    // It may have an encoder that the one before had not.
    await this.refreshExitZeroAlone();
  }

  private async refreshExitZeroAlone(): Promise<void> {
    await this.scanner.refreshExitZeroAlone().catch((error: unknown) => this.log.warn(`What exit 0 alone has answered stays: ${(error as Error).message}`));
  }

  private async scan(): Promise<ScanOutcome | undefined> {
    if (!vscode.workspace.workspaceFolders?.length) {
      void vscode.window.showWarningMessage(vscode.l10n.t('Open a folder first, then run "Glance: Scan Workspace".'));
      return undefined;
    }
    void vscode.commands.executeCommand('glance.findings.focus');
    return this.withProgress(async () => {
      const state = await this.scanner.scan();
      if (state.kind === 'failed') {
        void offerLog(state.reason);
      }
      return state.kind === 'done' || state.kind === 'stopped' ? { kind: state.kind, ...this.results.totals() } : undefined;
    });
  }

  /** Shows in the view and in the status bar that a scan is under way. */
  private withProgress<Result>(work: () => Promise<Result>): Thenable<Result> {
    return vscode.window.withProgress({ location: { viewId: 'glance.findings' } }, () =>
      vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Glance: scanning') }, async (progress) => {
        const subscription = this.scanner.onDidChange((state) => {
          if (state.kind === 'scanning') {
            progress.report({ message: vscode.l10n.t('{0} of {1} files', state.done, state.files) });
          }
        });
        try {
          return await work();
        } finally {
          subscription.dispose();
        }
      }),
    );
  }

  /** Asks for a scan first where there was none. */
  private async withResults<Result>(work: () => Result): Promise<Awaited<Result> | undefined> {
    const { kind } = this.scanner.state;
    if (kind !== 'none' && kind !== 'interrupted') {
      return await work();
    }
    const scan = vscode.l10n.t('Scan Workspace');
    if ((await vscode.window.showInformationMessage(vscode.l10n.t('The workspace has not been scanned yet.'), scan)) === scan && (await this.scan())?.kind === 'done') {
      return await work();
    }
    return undefined;
  }

  /** Whether files of the workspace have not been scanned, as far as is known. */
  private isUnfinished(): boolean {
    const { kind } = this.scanner.state;
    return kind !== 'done' && kind !== 'kept';
  }

  private async group(given?: string): Promise<Grouping | undefined> {
    const titles: Readonly<Record<Grouping, string>> = { label: vscode.l10n.t('Label'), folder: vscode.l10n.t('Folder'), confidence: vscode.l10n.t('Confidence') };
    const items = GROUPINGS.map((grouping) => ({ label: titles[grouping], grouping }));
    const grouping = GROUPINGS.find((known) => known === given) ?? (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Group Findings by') }))?.grouping;
    if (grouping) {
      this.tree.groupBy(grouping);
      await this.memory.update(GROUPING, grouping);
    }
    return grouping;
  }
}
