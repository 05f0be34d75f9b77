import ignore, { type Ignore } from 'ignore';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Git matches without regard to case where file systems usually do. */
const CASE_BLIND = process.platform === 'win32' || process.platform === 'darwin';

/** The rules of one `.gitignore`. */
interface Rules {
  readonly folder: string;
  readonly rules: Ignore;
}

/**
 * Files under a folder, in order of name, without what the `.gitignore` files in it and above it (up to the repository's root)
 * exclude, without `.git`, and without following symbolic links. A folder that is itself ignored was asked for by name, so the
 * rules above it are not applied.
 * @param onUnreadable hears of folders that cannot be listed; the others go on.
 */
export async function* filesUnder(folder: string, onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void): AsyncGenerator<string> {
  const above = await rulesAbove(folder);
  yield* walk(folder, isIgnored(folder, true, above) ? [] : above, onUnreadable);
}

async function* walk(folder: string, above: readonly Rules[], onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void): AsyncGenerator<string> {
  const rules = [...above, ...(await rulesOf(folder))];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    onUnreadable(folder, error);
    return [];
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.name === '.git' || isIgnored(file, entry.isDirectory(), rules)) {
      continue;
    }
    if (entry.isDirectory()) {
      yield* walk(file, rules, onUnreadable);
    } else if (entry.isFile()) {
      yield file;
    }
  }
}

async function rulesAbove(folder: string): Promise<Rules[]> {
  const found: Rules[] = [];
  for (let at = path.resolve(folder); !existsSync(path.join(at, '.git')); ) {
    const parent = path.dirname(at);
    if (parent === at) {
      // Not in a repository: nothing above the folder was meant for it.
      return [];
    }
    at = parent;
    found.unshift(...(await rulesOf(at)));
  }
  return found;
}

async function rulesOf(folder: string): Promise<Rules[]> {
  try {
    return [{ folder: path.resolve(folder), rules: ignore({ ignorecase: CASE_BLIND }).add(await readFile(path.join(folder, '.gitignore'), 'utf8')) }];
  } catch {
    return [];
  }
}

/** The deepest file with an opinion decides. */
function isIgnored(file: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  for (const { folder, rules: own } of [...rules].reverse()) {
    const relative = path.relative(folder, path.resolve(file)).split(path.sep).join('/');
    const { ignored, unignored } = own.test(isFolder ? `${relative}/` : relative);
    if (ignored || unignored) {
      return ignored;
    }
  }
  return false;
}
