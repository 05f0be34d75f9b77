import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type CancellationToken, type MessageConnection, type ResponseError } from 'vscode-jsonrpc/node';
import type { Engine } from './engine';
import { LocalEngine } from './local-engine';
import { Classify, Describe, FindComments, toResponseError, type EngineSetup, type FaultData } from './protocol';

/**
 * The engine's process: answers the requests of the process that forked it, and ends with it.
 * Its arguments are those of `engineArguments`.
 */
function main([setup]: readonly string[]): void {
  if (setup === undefined || !process.send) {
    process.stderr.write('This is the engine of Glance. It is started by the extension, not by hand.\n');
    process.exitCode = 2;
    return;
  }
  // The forking process is gone, whatever way it went: nobody is left to answer.
  process.on('disconnect', () => process.exit(0));
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const { files, options } = JSON.parse(setup) as EngineSetup;
  serve(connection, new LocalEngine(files, options));
  connection.listen();
}

function serve(connection: MessageConnection, engine: Engine): void {
  connection.onRequest(Describe, answer((_, signal) => engine.describe(signal)));
  connection.onRequest(Classify, answer((request, signal) => engine.classify(request, signal)));
  connection.onRequest(FindComments, answer((request, signal) => engine.findComments(request, signal)));
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

main(process.argv.slice(2));
