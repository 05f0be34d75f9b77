import type { IsExcluded } from './exclusions';
import { IgnoreRules, isIgnored } from './ignore-rules';

/** What stands in a folder. Anything else, symbolic links above all, is left out. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** A folder that can be walked, on a disk or elsewhere. Paths are relative to it, with `/`; its own is the empty string. */
export interface FolderReader {
  /** Whether case does not matter in names. */
  readonly ignoreCase: boolean;
  /** What is in a folder. Gives nothing for one that cannot be listed. */
  list(path: string): Promise<readonly Entry[]>;
  /** The text of a file; undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>;
}

/**
 * Files under a folder, in order of name, as paths relative to it: without what `.gitignore` files and exclusions leave out, and without `.git`.
 * @param above rules of `.gitignore` files above the folder.
 * @param start walks this folder below it alone.
 */
export async function* filesUnder(folder: FolderReader, above: readonly IgnoreRules[] = [], isExcluded: IsExcluded = () => false, start = ''): AsyncGenerator<string> {
  // A rule above that ignores the folder itself does not count: it was asked for by name.
  const rules = isIgnored('', true, above) ? [] : above;
  const onTheWay = await rulesOnTheWay(folder, start);
  if (start === '' || !(await isLeftOut(folder, start, true, rules, isExcluded))) {
    yield* walk(folder, start, [...rules, ...onTheWay], isExcluded);
  }
}

/** Whether a walk would leave out a file or folder, or one that it is in. */
export async function isLeftOut(folder: FolderReader, path: string, isFolder: boolean, above: readonly IgnoreRules[], isExcluded: IsExcluded): Promise<boolean> {
  const rules = isIgnored('', true, above) ? [] : [...above];
  const parts = path.split('/');
  for (const [index, name] of parts.entries()) {
    const parent = parts.slice(0, index).join('/');
    const here = parts.slice(0, index + 1).join('/');
    rules.push(...(await rulesOf(folder, parent)));
    const siblings = new Set((await folder.list(parent)).map((entry) => entry.name));
    if (name === '.git' || isIgnored(here, isFolder || index < parts.length - 1, rules) || isExcluded(here, siblings)) {
      return true;
    }
  }
  return false;
}

async function* walk(folder: FolderReader, path: string, above: readonly IgnoreRules[], isExcluded: IsExcluded): AsyncGenerator<string> {
  const entries = [...(await folder.list(path))].sort((a, b) => (a.name < b.name ? -1 : 1));
  const siblings = new Set(entries.map(({ name }) => name));
  const rules = siblings.has('.gitignore') ? [...above, ...(await rulesOf(folder, path))] : above;
  for (const { name, kind } of entries) {
    const here = path === '' ? name : `${path}/${name}`;
    if (name === '.git' || isIgnored(here, kind === 'folder', rules) || isExcluded(here, siblings)) {
      continue;
    }
    if (kind === 'folder') {
      yield* walk(folder, here, rules, isExcluded);
    } else {
      yield here;
    }
  }
}

/** The rules in the folders that lead to a folder, without its own. */
async function rulesOnTheWay(folder: FolderReader, path: string): Promise<IgnoreRules[]> {
  const parts = path === '' ? [] : path.split('/');
  const rules = await Promise.all(parts.map((_, index) => rulesOf(folder, parts.slice(0, index).join('/'))));
  return rules.flat();
}

async function rulesOf(folder: FolderReader, path: string): Promise<IgnoreRules[]> {
  const below = path === '' ? '' : `${path}/`;
  const text = await folder.read(`${below}.gitignore`);
  return text === undefined ? [] : [new IgnoreRules(text, folder.ignoreCase, '', below)];
}
