import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { isFinding } from '../../core/tasks/describe';
import type { Settings } from '../settings';

/** A comment as it was classified. */
export interface DecidedComment {
  /** As the model read it. */
  readonly text: string;
  readonly decision: Decision;
}

/** Which findings are shown, and how: what settings and the user's own judgement say. */
export class FindingFilter {
  constructor(private readonly settings: Settings) {}

  /**
   * How a comment of a document or folder is shown.
   * @returns nothing when it is no finding, or not to be shown.
   */
  severityOf({ decision }: DecidedComment, scope: vscode.ConfigurationScope): vscode.DiagnosticSeverity | undefined {
    if (!isFinding(COMMENT_DEBT, decision) || decision.confidence < this.settings.minimumConfidence(scope)) {
      return undefined;
    }
    return this.settings.severity(decision.label, scope);
  }
}
