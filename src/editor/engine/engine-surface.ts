import * as vscode from 'vscode';
import type { EngineState, SupervisedEngine } from '../../engine/supervised-engine';
import { Settings } from '../settings';
import type { Commands, Surface } from '../surface';
import { ModelFault } from './model-fault';

/** Makes an engine that keeps itself alive. @param onState hears of every change of its state. */
export type CreateEngine = (context: vscode.ExtensionContext, settings: Settings, modelFault: ModelFault, log: vscode.LogOutputChannel, onState: (state: EngineState) => void) => SupervisedEngine;

/** The engine, started anew when a setting or its user wants it so, and its log. */
export class EngineSurface implements Surface {
  readonly engine: SupervisedEngine;
  readonly commands: Commands = {
    'glance.restartEngine': () => this.restart(),
    'glance.showLog': () => this.log.show(),
  };
  private readonly changed = new vscode.EventEmitter<EngineState>();
  private readonly restarted = new vscode.EventEmitter<void>();
  private readonly modelFault = new ModelFault();
  private readonly subscription: vscode.Disposable;

  readonly onDidChange = this.changed.event;
  readonly onDidRestart = this.restarted.event;

  constructor(
    context: vscode.ExtensionContext,
    settings: Settings,
    createEngine: CreateEngine,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.engine = createEngine(context, settings, this.modelFault, log, (state) => this.changed.fire(state));
    this.subscription = settings.onDidChange((event) => {
      if (Settings.changesEngine(event)) {
        this.modelFault.clear();
        void this.engine.restart();
      }
    });
  }

  /** The engine's process ends by itself when it is disposed of, which takes longer than this may. */
  dispose(): void {
    vscode.Disposable.from(this.subscription, this.modelFault, this.changed, this.restarted).dispose();
  }

  private async restart(): Promise<void> {
    this.modelFault.clear();
    await this.engine.restart();
    this.restarted.fire();
    void vscode.window.showInformationMessage(vscode.l10n.t('The engine of Glance was restarted.'));
  }
}
