import { LocalEngine } from './local-engine';
import { connectToParent, serve } from './serve';

/**
 * The engine's process: answers the requests of the process that forked it, and ends with it.
 * Its arguments are those of `engineArguments`.
 */
function main([model, grammars]: readonly string[]): void {
  if (model === undefined || grammars === undefined || !process.send) {
    process.stderr.write('This is the engine of Glance. It is started by the extension, not by hand.\n');
    process.exitCode = 2;
    return;
  }
  serve(connectToParent(), new LocalEngine({ model, grammars }));
}

main(process.argv.slice(2));
