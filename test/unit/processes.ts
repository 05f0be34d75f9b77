import { readFileSync } from 'node:fs';

/** Whether a process with this identifier runs. One that has ended is in the system's table until its parent takes note of it, which not every parent does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Its state stands behind its name.
    return process.platform !== 'linux' || !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
