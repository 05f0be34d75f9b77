import * as vscode from 'vscode';

/** Shows an error, with a way to the log. */
export async function offerLog(message: string): Promise<void> {
  const showLog = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(message, showLog)) === showLog) {
    await vscode.commands.executeCommand('glance.showLog');
  }
}
