import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { PackageReader } from '../core/model/model-package';

/**
 * Reads the files of a model package in a folder. What is no regular file (a pipe that nobody writes to, a device without an end) or
 * is too long is refused before a byte of it is read.
 */
export function packageFolder(folder: string): PackageReader {
  return async (file, longest) => {
    // What a relative path would be relative to differs from editor to editor.
    if (!path.isAbsolute(folder)) {
      throw new Error(l10n.t('the path of its folder must be absolute'));
    }
    const place = path.join(folder, file);
    const stats = await stat(place);
    if (!stats.isFile()) {
      throw new Error(l10n.t('it is not a file'));
    }
    if (stats.size > longest) {
      throw new Error(l10n.t('it is {0} bytes long, more than the {1} that it may have', stats.size, longest));
    }
    return readFile(place);
  };
}
