import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { rulesAbove, type Ancestry } from '../../core/files/rules-above';
import { filesUnder, type Entry, type FolderReader } from '../../core/files/walk';

/** Git matches without regard to case where file systems usually do. */
const CASE_BLIND = process.platform === 'win32' || process.platform === 'darwin';

/**
 * Files under a folder of a disk, in order of name, without what the `.gitignore` files in it and above it (up to the repository's root)
 * exclude, without `.git`, and without following symbolic links. A folder that is itself ignored was asked for by name, so the
 * rules above it are not applied.
 * @param onUnreadable hears of folders that cannot be listed; the others go on.
 */
export async function* filesInFolder(folder: string, onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void): AsyncGenerator<string> {
  for await (const file of filesUnder(new DiskFolder(folder, onUnreadable), await rulesAbove(path.resolve(folder), ABOVE, CASE_BLIND))) {
    yield path.join(folder, file);
  }
}

const ABOVE: Ancestry<string> = {
  parent: (folder) => (path.dirname(folder) === folder ? undefined : path.dirname(folder)),
  name: (folder) => path.basename(folder),
  has: (folder, name) => existsSync(path.join(folder, name)),
  read: (folder, name) => readRules(path.join(folder, name)),
};

class DiskFolder implements FolderReader {
  readonly ignoreCase = CASE_BLIND;

  constructor(
    private readonly folder: string,
    private readonly onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void,
  ) {}

  async list(at: string): Promise<readonly Entry[]> {
    const folder = path.join(this.folder, at);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      this.onUnreadable(folder, error);
      return [];
    });
    return entries.flatMap((entry): Entry[] => (entry.isDirectory() ? [{ name: entry.name, kind: 'folder' }] : entry.isFile() ? [{ name: entry.name, kind: 'file' }] : []));
  }

  read(file: string): Promise<string | undefined> {
    return readRules(path.join(this.folder, file));
  }
}

function readRules(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
