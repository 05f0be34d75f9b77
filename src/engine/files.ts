import path from 'node:path';
import type { EngineFiles } from './engine';

/**
 * Files of the engine in an installation: the folder that holds `dist/` and `models/`.
 * @param model folder of another model package than the one that ships.
 * @throws {RangeError} when it is not an absolute path: what it would be relative to differs from editor to editor.
 */
export function engineFiles(installation: string, model?: string): EngineFiles {
  if (model !== undefined && !path.isAbsolute(model)) {
    throw new RangeError(`The folder of the model package must be an absolute path, not "${model}".`);
  }
  return { model: model ?? path.join(installation, 'models', 'glance-minilm'), grammars: path.join(installation, 'dist', 'grammars') };
}
