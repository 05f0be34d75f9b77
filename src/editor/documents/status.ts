import * as vscode from 'vscode';
import type { Settings } from '../settings';
import { SELECTOR, type ClassifiedDocument, type Documents } from './documents';
import { isReadme } from './is-readme';
import { inWords, missingIn } from './readme';

/** Among the language's status items of a Markdown document: what its classification cost, and, for a README, what it lacks. */
export class DocumentStatus implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('glance.documents', []);
  private readonly readmeItem = vscode.languages.createLanguageStatusItem('glance.readme', []);
  private readonly subscriptions: vscode.Disposable;

  /**
   * @param showLog command that opens the log.
   * @param whatIsMissing command that lists the parts of a README.
   */
  constructor(
    private readonly documents: Documents,
    private readonly settings: Settings,
    showLog: string,
    whatIsMissing: string,
  ) {
    this.item.name = vscode.l10n.t('Glance: Sections');
    this.item.command = { command: showLog, title: vscode.l10n.t('Log'), tooltip: vscode.l10n.t('Open the log of Glance') };
    this.readmeItem.name = vscode.l10n.t('Glance: README');
    this.readmeItem.command = { command: whatIsMissing, title: vscode.l10n.t('Show'), tooltip: vscode.l10n.t('What is missing in this README, to be added') };
    this.subscriptions = vscode.Disposable.from(
      this.item,
      this.readmeItem,
      documents.onDidChange((document) => void (document === vscode.window.activeTextEditor?.document && this.update())),
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
    );
    this.update();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private update(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) {
      return;
    }
    const outcome = this.documents.of(document);
    this.item.busy = this.documents.isBusy(document);
    switch (outcome?.kind) {
      case 'done':
        show(this.item, ...costOf(outcome.answer));
        break;
      case 'refused':
        show(this.item, vscode.l10n.t('Glance: not classified'), outcome.reason, vscode.LanguageStatusSeverity.Warning);
        break;
      case 'failed':
        show(this.item, vscode.l10n.t('Glance: failed'), outcome.reason, vscode.LanguageStatusSeverity.Error);
        break;
      case undefined:
        // While a document is edited, what was said of the version before stays.
        if (this.documents.sectionsOf(document).length === 0) {
          this.item.selector = [];
          this.readmeItem.selector = [];
        }
        return;
    }
    this.readmeItem.selector = [];
    if (outcome.kind === 'done' && isReadme(document) && this.settings.missingParts(document) !== 'off') {
      const missing = missingIn(outcome.answer);
      if (missing) {
        // The line is cut where it is long: headings are shorter than what they stand for.
        const headings = missing.map((part) => inWords(part, document.getText()).heading).join(', ');
        show(this.readmeItem, missing.length > 0 ? vscode.l10n.t('README seems to lack') : vscode.l10n.t('README'), headings || vscode.l10n.t('nothing seems to be missing'));
      }
    }
  }
}

/** An item without a language is not shown. */
function show(item: vscode.LanguageStatusItem, text: string, detail: string, severity = vscode.LanguageStatusSeverity.Information): void {
  item.selector = SELECTOR;
  item.severity = severity;
  item.text = text;
  item.detail = detail;
  item.accessibilityInformation = { label: `${text}. ${detail}` };
}

function costOf({ sections, milliseconds }: ClassifiedDocument): [text: string, detail: string] {
  if (sections.length === 0) {
    return [vscode.l10n.t('Glance: no sections'), ''];
  }
  const meanExit = sections.reduce((sum, { decision }) => sum + decision.exit, 0) / sections.length;
  return [vscode.l10n.t('Glance: {0} sections', sections.length), vscode.l10n.t('Mean exit {0}, {1} ms', meanExit.toFixed(2), milliseconds.toFixed(0))];
}
