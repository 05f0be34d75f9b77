import * as vscode from 'vscode';
import type { Settings } from '../settings';
import type { Classification, Classifications } from './classifications';
import { meanExit, summary } from './status';

/** What the last answers for the document in the active editor cost, in the status bar, where `glance.statusBar` wants it. */
export class CostStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('glance.cost', vscode.StatusBarAlignment.Right, 50);
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly classifications: Classifications,
    private readonly settings: Settings,
  ) {
    this.item.name = vscode.l10n.t('Glance: Cost of Answers');
    this.item.command = 'workbench.actions.view.problems';
    const update = (): void => this.update();
    this.subscriptions = vscode.Disposable.from(
      this.item,
      settings.onDidChange(update),
      classifications.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
    );
    update();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const outcome = document && this.classifications.of(document);
    if (outcome?.kind === 'done' && this.settings.statusBar) {
      this.show(outcome.answer);
    } else if (!document || !this.classifications.isBusy(document) || !this.settings.statusBar) {
      // While an edit is classified, the cost of the version before stays: an item that comes and goes moves the others.
      this.item.hide();
    }
  }

  private show(classification: Classification): void {
    const [text, detail] = summary(classification);
    const anew = vscode.l10n.t('New to the engine: {0}.', classification.classified);
    this.item.text = `$(eye) ${costInShort(classification)}`;
    this.item.tooltip = `${text}\n${detail}\n${anew}`;
    this.item.accessibilityInformation = { label: `${text}. ${detail}. ${anew}` };
    this.item.show();
  }
}

function costInShort({ comments, milliseconds }: Classification): string {
  const time = vscode.l10n.t('{0} ms', milliseconds.toFixed(0));
  return comments.length === 0 ? time : vscode.l10n.t('exit {0}, {1}', meanExit(comments).toFixed(1), time);
}
