import * as vscode from 'vscode';
import type { SampledComment } from './workspace-comments';

/** Opens the file of a comment with the comment selected, or says why it cannot. */
export async function openComment({ uri, range: { start, end } }: Pick<SampledComment, 'uri' | 'range'>): Promise<void> {
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(document.positionAt(start), document.positionAt(end)) });
  } catch (error) {
    void vscode.window.showWarningMessage((error as Error).message);
  }
}
