import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { isFinding } from '../../core/tasks/describe';
import type { Settings } from '../settings';
import { NotDebt } from './not-debt';

/** A comment as it was classified. */
export interface DecidedComment {
  /** As the model read it. */
  readonly text: string;
  readonly decision: Decision;
}

/** Which findings are shown, and how: what settings and the user's own judgement say. One for all surfaces. */
export class FindingFilter implements vscode.Disposable {
  /** What the user has judged not to be debt. */
  readonly notDebt: NotDebt;
  /** Fires when the user's judgement has changed. That settings have changed, they tell themselves. */
  readonly onDidChange: vscode.Event<void>;

  /** @param memory of the workspace. */
  constructor(
    private readonly settings: Settings,
    memory: vscode.Memento,
  ) {
    this.notDebt = new NotDebt(memory);
    this.onDidChange = this.notDebt.onDidChange;
  }

  /**
   * How a comment of a document or folder is shown.
   * @returns nothing when it is no finding, or not to be shown.
   */
  severityOf({ text, decision }: DecidedComment, scope: vscode.ConfigurationScope): vscode.DiagnosticSeverity | undefined {
    if (!isFinding(COMMENT_DEBT, decision) || decision.confidence < this.settings.minimumConfidence(scope) || this.notDebt.has(text)) {
      return undefined;
    }
    return this.settings.severity(decision.label, scope);
  }

  dispose(): void {
    this.notDebt.dispose();
  }
}
