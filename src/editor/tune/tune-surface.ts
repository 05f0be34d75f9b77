import * as vscode from 'vscode';
import { OFFERED_SHARES } from '../../core/exits/promise';
import type { ModelDescription } from '../../engine/engine';
import type { TuneView } from '../../webview/tune/messages';
import { offerLog } from '../offer-log';
import { Git } from '../commits/git';
import { Settings, type ShareScope } from '../settings';
import type { Commands, Parts, Surface } from '../surface';
import { taskWithKind } from './kinds';
import type { Sampling } from './sample';
import { showText } from './show-text';
import { TaskMeasurement } from './task-measurement';
import { TUNE_VIEW, TunePanel, type PageRequest } from './tune-panel';
import { tuneView } from './view';

/** What may be asked of the Tune view when it is opened. */
export interface TuneOptions {
  /** Identifier of a task whose texts in the workspace are to be measured at once. */
  readonly measure?: string;
}

/** The knob: a view that says what each level of `glance.maxDisagreement` promises, did and would do here, and sets it. */
export class TuneSurface implements Surface {
  readonly commands: Commands = {
    'glance.tune': (options?: TuneOptions) => this.open(options),
  };
  private readonly subscriptions: vscode.Disposable;
  private panel: TunePanel | undefined;
  private model: ModelDescription | undefined;
  /** By task, of the model that answers now. */
  private readonly measurements = new Map<string, TaskMeasurement>();
  private readonly sampling: Sampling;
  /** What came of the last change of the setting. */
  private applied = '';

  constructor(private readonly parts: Parts) {
    const { engine, settings, log } = parts;
    this.sampling = { engine, settings, log, git: new Git(log) };
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
    this.cancelAll();
    this.subscriptions.dispose();
    this.panel?.dispose();
  }

  /**
   * Opens the view.
   * @returns what it shows; nothing when the model cannot be used, which is told.
   */
  private async open({ measure }: TuneOptions = {}): Promise<TuneView | undefined> {
    if (this.panel) {
      this.panel.reveal();
    } else {
      this.fill();
    }
    const view = await this.refresh();
    if (!view || measure === undefined) {
      return view;
    }
    await this.measurements.get(measure)?.run();
    return this.show();
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
    this.cancelAll();
  }

  /** Shows what the model that answers now says of itself. */
  private async refresh(): Promise<TuneView | undefined> {
    try {
      this.model = await this.parts.engine.describe();
    } catch (error) {
      this.panel?.dispose();
      void offerLog((error as Error).message);
      return undefined;
    }
    for (const { id } of this.model.tasks) {
      const known = taskWithKind(id);
      if (known && !this.measurements.has(id)) {
        this.measurements.set(id, new TaskMeasurement(known.task, known.kind, this.sampling, () => this.show()));
      }
    }
    return this.show();
  }

  private show(): TuneView | undefined {
    if (!this.panel || !this.model) {
      return undefined;
    }
    const states = new Map([...this.measurements].map(([id, { state }]) => [id, state]));
    const view = tuneView(this.model, this.parts.settings, states, this.applied);
    this.panel.show(view);
    return view;
  }

  private receive(message: PageRequest): unknown {
    switch (message.kind) {
      case 'apply':
        return this.apply(message.level, message.scope);
      case 'measure':
        return this.measurements.get(message.task)?.run();
      case 'cancel':
        return this.measurements.get(message.task)?.cancel();
      case 'open':
        return this.openExample(message);
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

  /** Another model may answer from now on. */
  private forget(): void {
    this.cancelAll();
    this.measurements.clear();
    if (this.panel) {
      void this.refresh();
    }
  }

  private cancelAll(): void {
    this.measurements.forEach((measurement) => measurement.cancel());
  }

  private async openExample({ task, level, example }: Extract<PageRequest, { kind: 'open' }>): Promise<void> {
    const state = this.measurements.get(task)?.state;
    if (state?.kind !== 'measured') {
      return;
    }
    const { outcomes, texts } = state.measurement;
    const change = outcomes[level]?.changes[example];
    const text = change && texts[change.index];
    if (text) {
      await showText(text);
    }
  }
}
