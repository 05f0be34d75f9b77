import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bytes that git may print: the paths of a very large commit. */
const LONGEST_OUTPUT = 50_000_000;

/** What git may take, in milliseconds, before the command goes on without it. */
const PATIENCE = 10_000;

/** What the git on the PATH prints. Nothing where there is none, there is no repository, or it refuses. */
export async function git(...args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run('git', args, { maxBuffer: LONGEST_OUTPUT, timeout: PATIENCE, windowsHide: true })).stdout;
  } catch {
    return undefined;
  }
}
