import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type CancellationToken, type MessageConnection, type ResponseError } from 'vscode-jsonrpc/node';
import type { Engine } from './engine';
import { Classify, Describe, Exit, FindComments, Ping, Progress, Teach, toResponseError, type FaultData } from './protocol';

/** The channel to the process that forked this one, which ends with it. */
export function connectToParent(): MessageConnection {
  // The forking process is gone, whatever way it went: nobody is left to answer.
  process.on('disconnect', () => process.exit(0));
  return createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
}

/** Answers the requests of a connection with an engine. */
export function serve(connection: MessageConnection, engine: Engine): void {
  connection.onNotification(Exit, () => process.exit(0));
  connection.onRequest(Ping, () => null);
  connection.onRequest(Describe, answer((_, signal) => engine.describe(signal)));
  connection.onRequest(Classify, answer((request, signal) => engine.classify(request, signal)));
  connection.onRequest(
    Teach,
    answer(({ task, progressToken }, signal) => engine.teach(task, signal, (share) => void connection.sendProgress(Progress, progressToken, share).catch(() => undefined))),
  );
  connection.onRequest(FindComments, answer((request, signal) => engine.findComments(request, signal)));
  connection.listen();
}

/** A request handler that can be cancelled and whose errors arrive as they were thrown. */
function answer<Request, Response>(handle: (request: Request, signal: AbortSignal) => Promise<Response>) {
  return async (request: Request, token: CancellationToken): Promise<Response | ResponseError<FaultData>> => {
    try {
      return await handle(request, signalOf(token));
    } catch (error) {
      return toResponseError(error);
    }
  };
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
