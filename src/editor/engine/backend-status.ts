import * as vscode from 'vscode';
import { describeDegradation, type BackendDescription } from '../../engine/engine';
import type { Classifications } from '../comments/classifications';
import { SELECTOR } from '../comments/selector';

/**
 * Warns among the language's status items while answers are slower or rougher than they were meant to be, and writes to the log
 * which backend runs, and why no better one.
 */
export class BackendStatus implements vscode.Disposable {
  /** Shown while the engine is degraded. */
  readonly item: vscode.LanguageStatusItem;
  private readonly subscription: vscode.Disposable;
  /** What was told last. */
  private told = '';

  /**
   * @param showLog command that opens the log.
   * @param id of the status item, which there may be but once.
   */
  constructor(
    classifications: Pick<Classifications, 'onDidChange' | 'of'>,
    private readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn'>,
    showLog: string,
    id = 'glance.backend',
  ) {
    this.item = vscode.languages.createLanguageStatusItem(id, []);
    this.item.name = vscode.l10n.t('Glance: Engine');
    this.item.severity = vscode.LanguageStatusSeverity.Warning;
    this.item.command = { command: showLog, title: vscode.l10n.t('Log'), tooltip: vscode.l10n.t('Open the log of Glance') };
    this.subscription = classifications.onDidChange((document) => {
      const outcome = classifications.of(document);
      const backend = outcome?.kind === 'done' ? outcome.answer.backend : undefined;
      if (backend) {
        this.tell(backend);
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private tell(description: BackendDescription): void {
    const { backend, notTaken, degraded } = description;
    const telling = JSON.stringify(description);
    if (telling === this.told) {
      return;
    }
    this.told = telling;
    this.log.info(`Backend: ${backend}`);
    notTaken.forEach(({ name, reason }) => this.log.warn(`Backend ${name} was not taken: ${reason}`));
    // An item without a language is not shown.
    this.item.selector = degraded ? SELECTOR : [];
    const detail = describeDegradation(description);
    this.item.text = vscode.l10n.t('Glance: {0} engine', backend);
    this.item.detail = detail;
    this.item.accessibilityInformation = { label: `${this.item.text}. ${detail}` };
  }
}
