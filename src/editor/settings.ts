import * as vscode from 'vscode';
import { POLICY_CHOICES, type PolicyChoice } from '../core/exits/policy-choice';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../engine/execution-provider';

const SECTION = 'glance';

/** The only reader of Glance's settings. A value of the wrong type counts as not set: the settings editor marks it. */
export class Settings implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.ConfigurationChangeEvent>();
  private readonly subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) {
      this.changed.fire(event);
    }
  });

  /** Fires when one of Glance's settings has changed. */
  readonly onDidChange = this.changed.event;

  /** Whether the comments of this document are classified without being asked for: `glance.enable`, by language. */
  isEnabled(document: vscode.TextDocument): boolean {
    return this.get('enable', document) !== false;
  }

  /** When texts may leave early: `glance.maxDisagreement`, or `glance.exit.policy` and `glance.exit.threshold`. */
  policy(scope?: vscode.TextDocument): PolicyChoice {
    const name = this.get('exit.policy', scope);
    const kind = POLICY_CHOICES.find((known) => known === name) ?? 'promise';
    if (kind === 'promise') {
      const percent = this.getNumber('maxDisagreement', scope);
      return { kind, maxDisagreement: percent === undefined ? undefined : percent / 100 };
    }
    return kind === 'full' ? { kind } : { kind, threshold: this.getNumber('exit.threshold', scope) };
  }

  /** Folder of the model package to use in place of the one that ships: `glance.modelPath`. */
  get modelPath(): string | undefined {
    const path = this.get('modelPath');
    return typeof path === 'string' && path.trim() !== '' ? path.trim() : undefined;
  }

  /** Where the encoder is to run: `glance.executionProvider`. */
  get executionProvider(): ExecutionProvider {
    const name = this.get('executionProvider');
    return EXECUTION_PROVIDERS.find((known) => known === name) ?? 'auto';
  }

  /** Whether a change concerns how the engine is started. */
  static changesEngine(event: vscode.ConfigurationChangeEvent): boolean {
    return ['modelPath', 'executionProvider'].some((key) => event.affectsConfiguration(`${SECTION}.${key}`));
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private getNumber(key: string, scope?: vscode.TextDocument): number | undefined {
    const value = this.get(key, scope);
    return typeof value === 'number' ? value : undefined;
  }

  private get(key: string, scope?: vscode.TextDocument): unknown {
    return vscode.workspace.getConfiguration(SECTION, scope).get<unknown>(key);
  }
}
