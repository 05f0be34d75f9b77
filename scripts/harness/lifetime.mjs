/** Processes and temporary folders that are gone when the work they served is over, however it ends. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const WINDOWS = process.platform === 'win32';
const GRACE_MS = 4000;

/** Lifetimes not ended yet, oldest first; a signal ends them newest first. */
const open = new Set();
let interrupted = false;

async function interrupt(status) {
  if (interrupted) return;
  interrupted = true;
  // What is still waiting for the things that end now fails, and nobody wants to read about it.
  process.on('unhandledRejection', () => {}).on('uncaughtException', () => {});
  for (const lifetime of [...open].reverse()) await lifetime.end();
  process.exit(status);
}

process.on('SIGINT', () => void interrupt(130));
process.on('SIGTERM', () => void interrupt(143));
process.on('SIGHUP', () => void interrupt(129));
process.on('exit', () => {
  for (const lifetime of open) lifetime.endNow();
});

/** Signals a child and everything that it started. */
function signalTree(child, signal) {
  if (child.pid === undefined) return;
  if (WINDOWS) {
    spawnSync('taskkill', ['/PID', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function stopTree(child) {
  if (!hasEnded(child)) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signalTree(child, 'SIGTERM');
    const timer = setTimeout(() => signalTree(child, 'SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  }
  if (!WINDOWS) signalTree(child, 'SIGKILL'); // what the leader left behind in its group
}

function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Owns child processes, temporary folders and other things to undo, and undoes them newest first. */
class Lifetime {
  #undo = [];
  #children = [];
  #folders = [];

  /** Registers something to undo at the end; failures there are ignored, the rest is still undone. */
  defer(undo) {
    this.#undo.push(undo);
  }

  /** Starts a process in a group of its own, so that it can be ended with all its descendants. */
  spawn(command, args, options = {}) {
    const child = spawn(command, args, { ...options, detached: !WINDOWS, windowsHide: true });
    this.#children.push(child);
    this.defer(() => stopTree(child));
    return child;
  }

  /** A new empty folder that is removed at the end. */
  temporaryFolder(name) {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `glance-${name}-`)));
    this.#folders.push(folder);
    this.defer(() => remove(folder));
    return folder;
  }

  /** Undoes everything, gently. */
  async end() {
    while (this.#undo.length > 0) {
      try {
        await this.#undo.pop()();
      } catch {
        // One thing that would not go must not keep the others.
      }
    }
    open.delete(this);
  }

  /** Undoes what can be undone at once; the last resort when the process itself is ending. */
  endNow() {
    for (const child of this.#children) signalTree(child, 'SIGKILL');
    for (const folder of this.#folders) remove(folder);
  }
}

/** Runs `work` with a lifetime that ends with it: normally, by an error, or by Ctrl+C. */
export async function withLifetime(work) {
  const lifetime = new Lifetime();
  open.add(lifetime);
  try {
    return await work(lifetime);
  } finally {
    await lifetime.end();
    if (interrupted) await new Promise(() => {}); // the process is about to exit: nothing else begins
  }
}

/**
 * Runs a command to its end.
 * @param options of child_process.spawn, and `timeoutMs` after which the command is ended with all its descendants
 * @returns {Promise<{status: number, output: string, timedOut: boolean}>} `status` is 128 when a signal ended it;
 * `output` is what it wrote, empty where `options.stdio` passes it on
 */
export function run(lifetime, command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = lifetime.spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const timer = timeoutMs && setTimeout(() => {
      timedOut = true;
      void stopTree(child);
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ status: code ?? 128, output, timedOut });
    });
  });
}
