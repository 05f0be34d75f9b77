import table from './file-kinds.json';

/** What a file is, and the regular expression of the lower-cased paths of such files, the first that fits. Training reads the same table. */
const KINDS = table.map(([kind = '', pattern = '']) => ({ kind, pattern: new RegExp(pattern, 'u') }));

/** The kinds of the files at these paths (with `/` between folders), each once and in the order of the table: `docs`, `build source`. */
export function fileKinds(paths: readonly string[]): string {
  const found = new Set(paths.map((path) => KINDS.find(({ pattern }) => pattern.test(path.toLowerCase()))?.kind));
  return KINDS.map(({ kind }) => kind).filter((kind) => found.has(kind)).join(' ');
}
