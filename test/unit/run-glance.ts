import { spawn } from 'node:child_process';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DIST, WORKSPACE } from './shipped';

/** How a run of `glance` ended, and what it printed. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `glance` as a user does. */
export async function glance(args: readonly string[], input: string | Buffer | Iterable<string> = '', cwd = WORKSPACE, env: NodeJS.ProcessEnv = process.env): Promise<Run> {
  const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), ...args], { cwd, env, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  Readable.from(input).pipe(child.stdin);
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, stderr };
}
