import * as vscode from 'vscode';

/**
 * Gives a tool's work a signal that is aborted with VS Code's token, and hands its answer over as text.
 * @throws {vscode.CancellationError} when it was cancelled.
 */
export async function cancellable(token: vscode.CancellationToken, work: (signal: AbortSignal) => Promise<string>): Promise<vscode.LanguageModelToolResult> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  try {
    if (token.isCancellationRequested) {
      throw new vscode.CancellationError();
    }
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(await work(controller.signal))]);
  } catch (error) {
    throw controller.signal.aborted ? new vscode.CancellationError() : error;
  } finally {
    subscription.dispose();
  }
}
