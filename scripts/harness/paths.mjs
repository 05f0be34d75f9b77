/** Where things are in this repository, and how to find and start programs. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The example folder that `npm start` shows and the tests open. */
export const EXAMPLES = path.join(ROOT, 'test/fixtures/workspace');

/** Bundled tests and packages that scripts build; ignored by git. */
export const OUT = path.join(ROOT, 'out');

/** Screenshots and logs of the last test run; ignored by git. */
export const TEST_RESULTS = path.join(ROOT, 'test-results');

/** The extension's manifest. */
export function manifest() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
}

/** The full path of a program on PATH, or undefined. */
export function which(name) {
  const endings = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        if (fs.statSync(file).isFile()) return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** How to start npm, as [command, arguments]: the npm that started this script, or the one beside Node. */
export function npmCommand(args) {
  const beside = path.join(path.dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js');
  const running = process.env.npm_execpath ?? '';
  if (path.basename(running) === 'npm-cli.js') return [process.execPath, [running, ...args]];
  if (fs.existsSync(beside)) return [process.execPath, [beside, ...args]];
  return ['npm', args];
}

/** The environment without what npm, VS Code or a debugger added for their own children. */
export function cleanEnvironment(extra = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_package_|npm_lifecycle_|npm_config_local_prefix$|npm_command$|VSCODE_|ELECTRON_|NODE_OPTIONS$)/i.test(name),
  );
  return { ...Object.fromEntries(inherited), ...extra };
}
