import table from './file-kinds.json';

/** What a file is, and the regular expression of the lower-cased paths of such files, the first that fits. Training reads the same table. */
const KINDS = table.map(([kind = '', pattern = '']) => ({ kind, pattern: new RegExp(pattern, 'u') }));

/** The kind of each file at these paths (with `/` between folders), in the order of the table: `docs`, `build source source`. */
export function fileKinds(paths: readonly string[]): string {
  const found = paths.map((path) => KINDS.findIndex(({ pattern }) => pattern.test(path.toLowerCase())));
  return found.sort((one, other) => one - other).map((place) => KINDS[place]?.kind).join(' ');
}
