import { readFileSync, statSync } from 'node:fs';
import { LONGEST_FILE, parseTaughtTask, TaughtTaskError, type TaughtTask } from '../core/teach/taught-task';
import { UsageError } from './usage-error';

/** Reads the file of a taught task. @throws {UsageError} saying what is wrong with it. */
export function readTaughtTask(file: string): TaughtTask {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > LONGEST_FILE) {
      throw new UsageError(`${file} ${stats.isFile() ? `is ${(stats.size / 1e6).toFixed(0)} MB long; a file of examples may have ${LONGEST_FILE / 1e6} MB` : 'is not a file'}.`);
    }
    return parseTaughtTask(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof TaughtTaskError) {
      throw new UsageError(`${file}: ${error.message}`);
    }
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new UsageError(code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code}).`);
  }
}
