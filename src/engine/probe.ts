import { fork } from 'node:child_process';
import path from 'node:path';
import { engineEnvironment } from './child-engine';
import type { GpuProvider, ProbeResult } from './execution-provider';

/** Beside the bundle that this ends up in. */
const PROBE_FILE = path.join(__dirname, 'probe.js');

/** How long a probe may take, in milliseconds: drivers compile for a long time when they meet a graphics card first. */
const TIME_LIMIT = 60_000;

/**
 * Runs a model package on a provider in a process of its own, which a faulty driver may crash or hang.
 * @param model folder of the package.
 * @param file the bundled `probe-main.ts`.
 */
export function probeProvider(provider: GpuProvider, model: string, file = PROBE_FILE, timeLimit = TIME_LIMIT): Promise<ProbeResult> {
  const child = fork(file, [model, provider], {
    execPath: process.execPath,
    execArgv: [],
    env: engineEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: timeLimit,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ kind: 'failed', reason });
    child.once('message', (result) => resolve(result as ProbeResult));
    child.once('error', (error) => failed(`its probe could not be started (${error.message})`));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
      failed(child.killed ? `its probe did not answer within ${timeLimit / 1000} s` : `its probe ended with ${how}`);
    });
  });
}
