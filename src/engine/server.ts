import * as l10n from '@vscode/l10n';
import { FallbackEngine } from './fallback-engine';
import { LocalEngine } from './local-engine';
import { ModelFault, type EngineSetup } from './protocol';
import { connectToParent, serve } from './serve';

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
  const connection = connectToParent();
  const { files, chosenModel, translations, options } = JSON.parse(setup) as EngineSetup;
  if (translations !== undefined) {
    l10n.config({ fsPath: translations });
  }
  const shipped = new LocalEngine(files, options);
  const onFault = (fault: string): void => void connection.sendNotification(ModelFault, fault);
  const engine = chosenModel === undefined ? shipped : new FallbackEngine(new LocalEngine({ ...files, model: chosenModel }, options), shipped, onFault);
  // Its cache is written at once, the rest ends with the process.
  process.on('exit', () => void engine.dispose());
  serve(connection, engine);
}

main(process.argv.slice(2));
