import * as vscode from 'vscode';
import { offerLog } from '../offer-log';
import type { Classifications } from './classifications';

/**
 * Says once that documents cannot be classified, and why: without their findings they look as if there were none. The same reason
 * is told again only after something was classified in between.
 */
export class FailureNotice implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private told: string | undefined;

  /** @param tell shows a reason. */
  constructor(classifications: Pick<Classifications, 'onDidChange' | 'of'>, tell: (reason: string) => unknown = offerLog) {
    this.subscription = classifications.onDidChange((document) => {
      const outcome = classifications.of(document);
      if (outcome?.kind === 'done') {
        this.told = undefined;
      } else if (outcome?.kind === 'failed' && outcome.reason !== this.told) {
        this.told = outcome.reason;
        void tell(outcome.reason);
      }
    });
  }

  /** Tells the next failure even if it was told before: its reader has asked again. */
  reset(): void {
    this.told = undefined;
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
