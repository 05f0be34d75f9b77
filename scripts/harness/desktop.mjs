/** Finds a desktop VS Code. */
import fs from 'node:fs';
import path from 'node:path';
import { which } from './paths.mjs';

/** Where the program itself lies, seen from its `code` command. */
const PROGRAMS = { linux: '../code', darwin: '../../../MacOS/Electron', win32: '../Code.exe' };

/**
 * The desktop VS Code on PATH, if it can open a window here.
 * @returns {{command: string, program: string} | undefined} its `code` command and its executable
 */
export function findDesktop() {
  const command = which('code');
  if (!command) return undefined;
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (process.platform === 'linux' && !display) return undefined;
  // In the terminal of a remote window, `code` is a messenger without a VS Code of its own and finds none beside it.
  const program = path.resolve(path.dirname(fs.realpathSync(command)), PROGRAMS[process.platform] ?? '.');
  return fs.existsSync(program) && fs.statSync(program).isFile() ? { command, program } : undefined;
}
