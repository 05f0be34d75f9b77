import * as vscode from 'vscode';
import { COMMIT_CHECKS, MINIMUM_CONFIDENCE, type CommitCheck } from '../core/commits/verdict';
import { MINIMUM_FINDING_CONFIDENCE } from '../core/findings/finding';
import { POLICY_CHOICES, type PolicyChoice } from '../core/exits/policy-choice';
import { LONGEST_SOURCE } from '../core/sources/comments/comments';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../engine/engine';

const SECTION = 'glance';

/** VS Code's own settings that leave files out. */
const EXCLUDES = ['files.exclude', 'search.exclude'] as const;

/** `glance.scan.maximumFileSize` where it is not set, in kilobytes. */
const DEFAULT_FILE_SIZE = 1000;

/** Severities as settings spell them. */
const SEVERITIES: ReadonlyMap<unknown, vscode.DiagnosticSeverity> = new Map([
  ['error', vscode.DiagnosticSeverity.Error],
  ['warning', vscode.DiagnosticSeverity.Warning],
  ['information', vscode.DiagnosticSeverity.Information],
  ['hint', vscode.DiagnosticSeverity.Hint],
]);

/** How it may be told what a README lacks. */
const MISSING_PARTS_DISPLAYS = ['status', 'hint', 'off'] as const;
export type MissingPartsDisplay = (typeof MISSING_PARTS_DISPLAYS)[number];

/** When the comments of a document are classified, as `glance.comments.run` spells it, the default first. `never` is but unasked. */
export const RUN_MODES = ['onType', 'onSave', 'onOpen', 'never'] as const;
export type RunMode = (typeof RUN_MODES)[number];

/** What code lenses sum up, as `glance.comments.codeLens` spells it, the default first. */
export const CODE_LENSES = ['off', 'file', 'function'] as const;
export type CodeLenses = (typeof CODE_LENSES)[number];

/** Where a share is set: nowhere, by the user, or in the workspace. */
export type ShareScope = 'default' | 'user' | 'workspace';

/** `glance.maxDisagreement` as it holds for the whole workspace. */
export interface ShareInUse {
  /** From 0 to 1. */
  readonly share: number;
  readonly setIn: ShareScope;
  /** Languages for which another one is set. */
  readonly languages: readonly string[];
}

/** The only reader and writer of Glance's settings. A value of the wrong type counts as not set: the settings editor marks it. */
export class Settings implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.ConfigurationChangeEvent>();
  private readonly scannedFilesChanged = new vscode.EventEmitter<void>();
  private readonly subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) {
      this.changed.fire(event);
    }
    if ([...EXCLUDES, `${SECTION}.scan`].some((key) => event.affectsConfiguration(key))) {
      this.scannedFilesChanged.fire();
    }
  });

  /** Fires when one of Glance's settings has changed. */
  readonly onDidChange = this.changed.event;

  /** Fires when a setting has changed that says which files a scan reads. */
  readonly onDidChangeScannedFiles = this.scannedFilesChanged.event;

  /** When the comments of a document are classified: `glance.comments.run`. */
  run(scope: vscode.ConfigurationScope): RunMode {
    const name = this.get('comments.run', scope);
    return RUN_MODES.find((known) => known === name) ?? 'onType';
  }

  /** What code lenses of a document sum up: `glance.comments.codeLens`. */
  codeLens(scope: vscode.ConfigurationScope): CodeLenses {
    const name = this.get('comments.codeLens', scope);
    return CODE_LENSES.find((known) => known === name) ?? 'off';
  }

  /** Whether the status bar says what the last answers cost: `glance.statusBar`. */
  get statusBar(): boolean {
    return this.get('statusBar') === true;
  }

  /** How findings are shown, by label: `glance.comments.severity`. Nothing: not at all. */
  severities(scope: vscode.ConfigurationScope): (label: string) => vscode.DiagnosticSeverity | undefined {
    const severities = this.get('comments.severity', scope);
    return (label) => {
      const name = isRecord(severities) ? severities[label] : undefined;
      return name === 'off' ? undefined : (SEVERITIES.get(name) ?? vscode.DiagnosticSeverity.Information);
    };
  }

  /** How sure the model must be that a finding is one for it to be shown, from 0 to 1 (see `shownConfidence`): `glance.comments.minimumConfidence`, which is in percent. */
  minimumConfidence(scope: vscode.ConfigurationScope): number {
    const percent = this.getNumber('comments.minimumConfidence', scope);
    return percent === undefined ? MINIMUM_FINDING_CONFIDENCE : percent / 100;
  }

  /** The same for labels that were taught: the default, which follows from the audit of debt, is no limit for them. */
  taughtMinimumConfidence(scope: vscode.ConfigurationScope): number {
    const { globalValue, workspaceValue, workspaceFolderValue, globalLanguageValue, workspaceLanguageValue, workspaceFolderLanguageValue } =
      vscode.workspace.getConfiguration(SECTION, scope).inspect('comments.minimumConfidence') ?? {};
    const isSet = [globalValue, workspaceValue, workspaceFolderValue, globalLanguageValue, workspaceLanguageValue, workspaceFolderLanguageValue].some((value) => value !== undefined);
    return isSet ? this.minimumConfidence(scope) : 0;
  }

  /** Whether the sections of a Markdown document show what they are about: `glance.documents.sections`. */
  showsSections(document: vscode.TextDocument): boolean {
    return this.get('documents.sections', document) !== 'off';
  }

  /** How it is told what a README lacks: `glance.documents.missing`. */
  missingParts(document: vscode.TextDocument): MissingPartsDisplay {
    const name = this.get('documents.missing', document);
    return MISSING_PARTS_DISPLAYS.find((known) => known === name) ?? 'status';
  }

  /** Which repositories' commit messages are checked: `glance.commits.check`. */
  commitCheck(scope: vscode.ConfigurationScope): CommitCheck {
    const name = this.get('commits.check', scope);
    return COMMIT_CHECKS.find((known) => known === name) ?? 'auto';
  }

  /** Confidence from 0 to 1 that contradicts the author of a commit: `glance.commits.minimumConfidence`, which is in percent. */
  commitMinimumConfidence(scope: vscode.ConfigurationScope): number {
    const percent = this.getNumber('commits.minimumConfidence', scope);
    return percent === undefined ? MINIMUM_CONFIDENCE : percent / 100;
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

  /** Longest file that a scan of the workspace reads, in bytes: `glance.scan.maximumFileSize`, which is in kilobytes. */
  maximumFileSize(scope: vscode.ConfigurationScope): number {
    return Math.min((this.getNumber('scan.maximumFileSize', scope) ?? DEFAULT_FILE_SIZE) * 1000, LONGEST_SOURCE);
  }

  /** Patterns of what a scan of a folder leaves out: VS Code's own `files.exclude` and `search.exclude`. */
  excluded(folder: vscode.WorkspaceFolder): Readonly<Record<string, unknown>>[] {
    return EXCLUDES.map((key) => vscode.workspace.getConfiguration(undefined, folder).get<Record<string, unknown>>(key, {}));
  }

  /** The share that may differ: `glance.maxDisagreement`. */
  get shareInUse(): ShareInUse {
    const key = 'maxDisagreement';
    const { workspaceValue, globalValue, languageIds = [] } = vscode.workspace.getConfiguration(SECTION).inspect(key) ?? {};
    const setIn = workspaceValue !== undefined ? 'workspace' : globalValue !== undefined ? 'user' : 'default';
    return { share: (this.getNumber(key) ?? 0) / 100, setIn, languages: languageIds };
  }

  /**
   * Sets `glance.maxDisagreement`.
   * @param share from 0 to 1.
   * @throws what VS Code says where it cannot be written.
   */
  async setShare(share: number, scope: Exclude<ShareScope, 'default'>): Promise<void> {
    const target = scope === 'workspace' ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    // Without the digits that the multiplication may add.
    await vscode.workspace.getConfiguration(SECTION).update('maxDisagreement', Number((share * 100).toPrecision(6)), target);
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

  /** Whether a change concerns what texts are answered. */
  static changesAnswers(event: vscode.ConfigurationChangeEvent): boolean {
    return ['maxDisagreement', 'exit'].some((key) => event.affectsConfiguration(`${SECTION}.${key}`));
  }

  /** Whether a change concerns how the engine is started. */
  static changesEngine(event: vscode.ConfigurationChangeEvent): boolean {
    return ['modelPath', 'executionProvider'].some((key) => event.affectsConfiguration(`${SECTION}.${key}`));
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
    this.scannedFilesChanged.dispose();
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
