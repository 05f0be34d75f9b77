import { FallbackEngine } from './fallback-engine';
import { LocalEngine } from './local-engine';
import { ModelFault } from './protocol';
import { connectToParent, serve } from './serve';

/**
 * The engine's process: answers the requests of the process that forked it, and ends with it.
 * Its arguments are those of `engineArguments`.
 */
function main([model, grammars, chosen]: readonly string[]): void {
  if (model === undefined || grammars === undefined || !process.send) {
    process.stderr.write('This is the engine of Glance. It is started by the extension, not by hand.\n');
    process.exitCode = 2;
    return;
  }
  const connection = connectToParent();
  const shipped = new LocalEngine({ model, grammars });
  const onFault = (fault: string): void => void connection.sendNotification(ModelFault, fault);
  serve(connection, chosen === undefined ? shipped : new FallbackEngine(new LocalEngine({ model: chosen, grammars }), shipped, onFault));
}

main(process.argv.slice(2));
