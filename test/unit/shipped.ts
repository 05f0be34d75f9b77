import { createRequire } from 'node:module';
import path from 'node:path';
import type { EngineFiles } from '../../src/engine/engine';

const ROOT = path.resolve(__dirname, '../..');

/** Where the built parts stand. `npm test` builds them before the unit tests run. */
export const DIST = path.join(ROOT, 'dist');

/** The model package that ships, and the grammars as built. */
export const SHIPPED: EngineFiles = { model: path.join(ROOT, 'models/glance-minilm'), grammars: path.join(DIST, 'grammars') };

/** Self-written sources of several languages. */
export const WORKSPACE = path.join(ROOT, 'test/fixtures/workspace');

/** A large real file that every clone has: the declarations of the browser's interfaces. */
export const LIB_DOM = createRequire(__filename).resolve('typescript/lib/lib.dom.d.ts');
