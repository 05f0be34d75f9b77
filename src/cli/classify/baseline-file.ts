import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Baseline, BaselineError, baselineText } from '../../core/findings/baseline';
import type { FileFindings } from '../../core/findings/finding';
import { UsageError } from '../usage-error';

/** Reads a baseline. @throws {UsageError} when it cannot be used. */
export async function readBaseline(file: string): Promise<Baseline> {
  try {
    return Baseline.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`The baseline ${file} ${faultOf(error)}. Mend it, or write it anew with --write-baseline.`);
  }
}

/** Looks, before anything is classified, whether a baseline may be written. @throws {UsageError} when the file is there and is no baseline: it may be something else. */
export async function checkBaseline(file: string): Promise<void> {
  try {
    Baseline.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new UsageError(`${file} ${faultOf(error)}, so it is not overwritten. Delete it, or name another file.`);
    }
  }
}

/** Writes a baseline, all of it or nothing. @throws {UsageError} when it cannot be written. */
export async function writeBaseline(file: string, files: Iterable<FileFindings>): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, baselineText(files));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw new UsageError(`The baseline ${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}).`);
  }
}

function faultOf(error: unknown): string {
  if (error instanceof BaselineError) {
    return error.message;
  }
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? String(error)})`;
}
