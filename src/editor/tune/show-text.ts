import * as vscode from 'vscode';
import type { SampledText } from './sample';

/** Shows a text where it stands, or says why it cannot. */
export async function showText(text: Pick<SampledText, 'open'>): Promise<void> {
  try {
    await text.open();
  } catch (error) {
    void vscode.window.showWarningMessage((error as Error).message);
  }
}
