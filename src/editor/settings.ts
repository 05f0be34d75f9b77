import * as vscode from 'vscode';
import { COMMIT_CHECKS, type CommitCheck } from '../core/commits/verdict';
import { POLICY_CHOICES, type PolicyChoice } from '../core/exits/policy-choice';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../engine/execution-provider';

const SECTION = 'glance';

/** Default of `glance.commits.minimumConfidence`. At it, 2.4% of the authors' types of projects not trained on are contradicted; at 80, 5%; at 70, 11%. */
const COMMIT_CONFIDENCE = 85;

/** Severities as settings spell them. */
const SEVERITIES: ReadonlyMap<unknown, vscode.DiagnosticSeverity> = new Map([
  ['error', vscode.DiagnosticSeverity.Error],
  ['warning', vscode.DiagnosticSeverity.Warning],
  ['information', vscode.DiagnosticSeverity.Information],
  ['hint', vscode.DiagnosticSeverity.Hint],
]);

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

  /** How findings of a label are shown: `glance.comments.severity`. Nothing: not at all. */
  severity(label: string, scope: vscode.ConfigurationScope): vscode.DiagnosticSeverity | undefined {
    const severities = this.get('comments.severity', scope);
    const name = isRecord(severities) ? severities[label] : undefined;
    return name === 'off' ? undefined : (SEVERITIES.get(name) ?? vscode.DiagnosticSeverity.Information);
  }

  /** Confidence from 0 to 1 that a finding must have to be shown: `glance.comments.minimumConfidence`, which is in percent. */
  minimumConfidence(scope: vscode.ConfigurationScope): number {
    return (this.getNumber('comments.minimumConfidence', scope) ?? 0) / 100;
  }

  /** Which repositories' commit messages are checked: `glance.commits.check`. */
  commitCheck(scope: vscode.ConfigurationScope): CommitCheck {
    const name = this.get('commits.check', scope);
    return COMMIT_CHECKS.find((known) => known === name) ?? 'auto';
  }

  /** Confidence from 0 to 1 that contradicts the author of a commit: `glance.commits.minimumConfidence`, which is in percent. */
  commitMinimumConfidence(scope: vscode.ConfigurationScope): number {
    return (this.getNumber('commits.minimumConfidence', scope) ?? COMMIT_CONFIDENCE) / 100;
  }

  /** When texts may leave early: `glance.maxDisagreement`, or `glance.exit.policy` and `glance.exit.threshold`. */
  policy(scope?: vscode.ConfigurationScope): PolicyChoice {
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

  private getNumber(key: string, scope?: vscode.ConfigurationScope): number | undefined {
    const value = this.get(key, scope);
    return typeof value === 'number' ? value : undefined;
  }

  private get(key: string, scope?: vscode.ConfigurationScope): unknown {
    return vscode.workspace.getConfiguration(SECTION, scope).get<unknown>(key);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
