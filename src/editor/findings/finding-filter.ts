import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { isSureFinding } from '../../core/tasks/describe';
import type { Baselines } from './baselines';
import type { Settings } from '../settings';
import { NotDebt } from './not-debt';

/** A comment as it was classified. */
export interface DecidedComment {
  /** As the model read it. */
  readonly text: string;
  readonly decision: Decision;
  /** Tells a finding from all others of its workspace folder (see `Fingerprints`); what is in no folder has none. */
  readonly fingerprint?: string | undefined;
}

/** What the filter looks at. */
export interface FilteredComment extends Pick<DecidedComment, 'text' | 'fingerprint'> {
  readonly decision: Pick<Decision, 'label' | 'confidence' | 'findingConfidence'>;
}

/** Where a comment stands: a document, or the place and the language of one. */
export type CommentScope = Pick<vscode.TextDocument, 'uri' | 'languageId'>;

/** Which findings are shown, and how: what settings, baselines and the user's own judgement say. One for all surfaces. */
export class FindingFilter implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** What the user has judged not to be debt. */
  readonly notDebt: NotDebt;
  /** Fires when the user's judgement or a baseline has changed. That settings have changed, they tell themselves. */
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable;

  /** @param memory of the workspace. */
  constructor(
    private readonly settings: Settings,
    memory: vscode.Memento,
    private readonly baselines: Baselines,
  ) {
    this.notDebt = new NotDebt(memory);
    this.subscriptions = vscode.Disposable.from(this.notDebt, this.changed, this.notDebt.onDidChange(() => this.changed.fire()), baselines.onDidChange(() => this.changed.fire()));
  }

  /**
   * How comments of a document are shown; the settings are read once for all of them.
   * @returns what gives nothing for a comment that is no finding, or not to be shown.
   */
  severityIn(scope: CommentScope): (comment: FilteredComment) => vscode.DiagnosticSeverity | undefined {
    const minimumConfidence = this.settings.minimumConfidence(scope);
    const severityOf = this.settings.severities(scope);
    return ({ text, decision, fingerprint }) => {
      const isKnown = fingerprint !== undefined && this.baselines.hides(fingerprint, scope.uri);
      return !isSureFinding(COMMENT_DEBT, decision, minimumConfidence) || isKnown || this.notDebt.has(text) ? undefined : severityOf(decision.label);
    };
  }

  /** Which comments of a document are shown with labels that were taught. */
  showsTaughtIn(scope: CommentScope): (finding: Pick<FilteredComment, 'decision'>) => boolean {
    const minimumConfidence = this.settings.taughtMinimumConfidence(scope);
    return ({ decision: { confidence, findingConfidence = confidence } }) => findingConfidence >= minimumConfidence;
  }

  dispose(): void {
    this.subscriptions.dispose();
  }
}
