import * as vscode from 'vscode';
import { SELECTOR } from '../comments/selector';

const SETTING = '@id:glance.modelPath';

/**
 * Says that the model package of `glance.modelPath` cannot be used, so that the one that ships answers: once in a notification, and among the
 * language's status items for as long as it is so.
 */
export class ModelFault implements vscode.Disposable {
  private told: string | undefined;

  /**
   * @param tell shows a fault.
   * @param item shows it, too; disposed of with this.
   */
  constructor(
    private readonly tell: (fault: string) => unknown = offerSetting,
    private readonly item = vscode.languages.createLanguageStatusItem('glance.model', []),
  ) {
    this.item.name = vscode.l10n.t('Glance: Model');
    this.item.severity = vscode.LanguageStatusSeverity.Warning;
    this.item.text = vscode.l10n.t('Glance: the shipped model answers');
    this.item.command = { command: 'workbench.action.openSettings', arguments: [SETTING], title: vscode.l10n.t('Change'), tooltip: vscode.l10n.t('Folder of the model package') };
  }

  /** The engine has found the chosen package at fault, maybe once more after it was started anew. */
  set(fault: string): void {
    this.item.detail = fault;
    this.item.accessibilityInformation = { label: `${this.item.text}. ${fault}` };
    this.item.selector = SELECTOR;
    if (fault !== this.told) {
      this.told = fault;
      void this.tell(fault);
    }
  }

  /** Another package is to be used, or the same is to be tried again. */
  clear(): void {
    this.told = undefined;
    // An item without a language is not shown.
    this.item.selector = [];
  }

  dispose(): void {
    this.item.dispose();
  }
}

async function offerSetting(fault: string): Promise<void> {
  const change = vscode.l10n.t('Change Setting');
  const message = vscode.l10n.t('{0} The package that ships with Glance answers instead. Mend it and run "Glance: Restart Engine", or change glance.modelPath.', fault);
  if ((await vscode.window.showWarningMessage(message, change)) === change) {
    await vscode.commands.executeCommand('workbench.action.openSettings', SETTING);
  }
}
