import * as vscode from 'vscode';
import { OFFERED_SHARES } from '../../core/exits/promise';
import type { ModelDescription } from '../../engine/engine';
import type { TuneView } from '../../webview/tune/messages';
import { offerLog } from '../comments/failure-notice';
import { Settings, type ShareScope } from '../settings';
import type { Commands, Parts, Surface } from '../surface';
import { measureWorkspace, type Progress } from './measurement';
import { openComment } from './open-comment';
import { TUNE_VIEW, TunePanel, type PageRequest } from './tune-panel';
import { tuneView, type MeasuredState } from './view';

/** What may be asked of the Tune view when it is opened. */
export interface TuneOptions {
  /** Measures the workspace at once. */
  readonly measure?: boolean;
}

/** Pause between two reports of a measurement's progress, in milliseconds. */
const PROGRESS_PAUSE = 100;

/** The knob: a view that says what each level of `glance.maxDisagreement` promises, did and would do here, and sets it. */
export class TuneSurface implements Surface {
  readonly commands: Commands = {
    'glance.tune': (options?: TuneOptions) => this.open(options),
  };
  private readonly subscriptions: vscode.Disposable;
  private panel: TunePanel | undefined;
  private model: ModelDescription | undefined;
  private measured: MeasuredState = { kind: 'none' };
  private running: { readonly controller: AbortController; progress: Progress } | undefined;
  /** What came of the last change of the setting. */
  private applied = '';

  constructor(private readonly parts: Parts) {
    this.subscriptions = vscode.Disposable.from(
      parts.settings.onDidChange((event) => (Settings.changesEngine(event) ? this.forget() : this.show())),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.show()),
      parts.onDidRestartEngine(() => this.forget()),
      vscode.window.registerWebviewPanelSerializer(TUNE_VIEW, {
        deserializeWebviewPanel: async (panel) => {
          this.fill(panel);
          await this.refresh();
        },
      }),
    );
  }

  dispose(): void {
    this.running?.controller.abort();
    this.subscriptions.dispose();
    this.panel?.dispose();
  }

  /**
   * Opens the view.
   * @returns what it shows; nothing when the model cannot be used, which is told.
   */
  private async open({ measure = false }: TuneOptions = {}): Promise<TuneView | undefined> {
    if (this.panel) {
      this.panel.reveal();
    } else {
      this.fill();
    }
    const view = await this.refresh();
    return view && measure ? this.measure() : view;
  }

  /** Makes the view, or fills the one that VS Code brings back after the window was closed. */
  private fill(panel?: vscode.WebviewPanel): void {
    this.applied = '';
    // One that waits to be brought back until it is looked at may find another open.
    this.panel?.dispose();
    this.panel = new TunePanel(
      this.parts.context.extensionUri,
      (message) => void this.receive(message),
      () => this.close(),
      panel,
    );
  }

  private close(): void {
    this.panel = undefined;
    this.running?.controller.abort();
  }

  /** Shows what the model that answers now says of itself. */
  private async refresh(): Promise<TuneView | undefined> {
    try {
      this.model = await this.parts.engine.describe();
      return this.show();
    } catch (error) {
      this.panel?.dispose();
      void offerLog((error as Error).message);
      return undefined;
    }
  }

  private show(): TuneView | undefined {
    if (!this.panel || !this.model) {
      return undefined;
    }
    const state = this.running ? { kind: 'running' as const, progress: this.running.progress } : this.measured;
    const view = tuneView(this.model, this.parts.settings, state, this.applied);
    this.panel.show(view);
    return view;
  }

  private receive(message: PageRequest): unknown {
    switch (message.kind) {
      case 'apply':
        return this.apply(message.level, message.scope);
      case 'measure':
        return this.measure();
      case 'cancel':
        return this.running?.controller.abort();
      case 'open':
        return this.openExample(message.level, message.example);
      case 'settings':
        return vscode.commands.executeCommand('workbench.action.openSettings', '@id:glance.exit.policy');
    }
  }

  private async apply(level: number, scope: Exclude<ShareScope, 'default'>): Promise<void> {
    const share = OFFERED_SHARES[level];
    if (share === undefined) {
      return;
    }
    const { settings } = this.parts;
    try {
      await settings.setShare(share, scope);
      this.applied = settings.shareInUse.share === share ? vscode.l10n.t('Saved.') : vscode.l10n.t('Saved, but another share is set in this workspace, and stays in use here.');
    } catch (error) {
      this.applied = vscode.l10n.t('Not saved: {0}', (error as Error).message);
    }
    this.show();
  }

  /** Measures the workspace, unless that is under way. */
  private async measure(): Promise<TuneView | undefined> {
    if (this.running) {
      return this.show();
    }
    const controller = new AbortController();
    const running = { controller, progress: { step: 'finding', done: 0, total: 0 } as Progress };
    this.running = running;
    this.show();
    let shown = performance.now();
    try {
      const measurement = await measureWorkspace(this.parts, controller.signal, (progress) => {
        running.progress = progress;
        if (performance.now() - shown > PROGRESS_PAUSE) {
          shown = performance.now();
          this.show();
        }
      });
      const reason = vscode.l10n.t('There are no comments to measure with, neither in files of this workspace nor in open ones.');
      this.measured = measurement.outcomes.length > 0 ? { kind: 'measured', measurement, at: new Date() } : { kind: 'none', reason };
    } catch (error) {
      if (!controller.signal.aborted) {
        const { message } = error as Error;
        this.parts.log.error(`Tune: ${message}`);
        this.measured = { kind: 'none', reason: vscode.l10n.t('The comments could not be measured: {0}', message) };
      }
    } finally {
      this.running = undefined;
    }
    return this.show();
  }

  /** Another model may answer from now on. */
  private forget(): void {
    this.running?.controller.abort();
    this.measured = { kind: 'none' };
    if (this.panel) {
      void this.refresh();
    }
  }

  private async openExample(level: number, example: number): Promise<void> {
    const measurement = this.measured.kind === 'measured' ? this.measured.measurement : undefined;
    const change = measurement?.outcomes[level]?.changes[example];
    const comment = change && measurement?.comments[change.index];
    if (comment) {
      await openComment(comment);
    }
  }
}
