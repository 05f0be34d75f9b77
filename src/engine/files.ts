import path from 'node:path';
import type { EngineFiles } from './engine';

/**
 * Files of the engine in an installation: the folder that holds `dist/` and `models/`.
 * @param model folder of another model package than the one that ships.
 */
export function engineFiles(installation: string, model?: string): EngineFiles {
  return { model: model ?? path.join(installation, 'models', 'glance-minilm'), grammars: path.join(installation, 'dist', 'grammars') };
}
