import * as vscode from 'vscode';

/**
 * Gives work a signal that is aborted with VS Code's token.
 * @throws {vscode.CancellationError} when it was cancelled, before or while it ran.
 */
export async function withSignal<Result>(token: vscode.CancellationToken, work: (signal: AbortSignal) => PromiseLike<Result>): Promise<Result> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new vscode.CancellationError());
  const subscription = token.onCancellationRequested(abort);
  try {
    if (token.isCancellationRequested) {
      abort();
    }
    controller.signal.throwIfAborted();
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? new vscode.CancellationError() : error;
  } finally {
    subscription.dispose();
  }
}
