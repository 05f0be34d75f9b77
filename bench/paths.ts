import path from 'node:path';
import { engineFiles } from '../src/engine/files';

/** The repository's root; the bundles of the bench lie in out/bench. */
export const ROOT = path.resolve(__dirname, '../..');

/** What `npm run bench` writes on its way; ignored by git. */
export const WORK = __dirname;

/** The packages that only the bench needs are installed here. */
export const BENCH = path.join(ROOT, 'bench');

/** The model package and the grammars that ship. */
export const FILES = engineFiles(ROOT);

/** The grammars as built. */
export const GRAMMARS = FILES.grammars;

/** The built parts that are measured as they ship. */
export const DIST = path.join(ROOT, 'dist');
