/**
 * Installs a real VS Code (its server and its workbench for the browser) from npm alone, once, into .vscode-host/.
 *
 * The `code-server` package carries VS Code's own server, built for Node. Only that server is started, never
 * code-server's front: the editor is what Microsoft's sources say it is, without extensions or accounts.
 */
import fs from 'node:fs';
import path from 'node:path';
import { withLifetime } from './lifetime.mjs';
import { ROOT } from './paths.mjs';
import { SetupProblem, say, step } from './progress.mjs';
import { npm } from '../setup.mjs';

/** Exact versions; code-server 4.100.3 is VS Code 1.100.3, the oldest that Glance supports, and runs on Node 20 to 24. */
const RIPGREP = `@vscode/ripgrep-${process.platform}-${process.arch}`;
const PACKAGES = { 'code-server': '4.100.3', [RIPGREP]: '1.18.0' };

const HOSTS = path.join(ROOT, '.vscode-host');
const FOLDER = path.join(HOSTS, `code-server-${PACKAGES['code-server']}`);

/** It is built for these systems. */
const EDITOR_HOST_SUPPORTED = process.platform === 'linux' || process.platform === 'darwin';

/** VS Code's server, as a script for Node. */
export const SERVER_MAIN = path.join(FOLDER, 'node_modules/code-server/lib/vscode/out/server-main.js');

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Removes other versions, and installations whose process is gone. */
function removeLeftovers() {
  for (const name of fs.readdirSync(HOSTS)) {
    const installer = /^unfinished-(\d+)$/.exec(name)?.[1];
    if (!(installer && isRunning(Number(installer)))) fs.rmSync(path.join(HOSTS, name), { recursive: true, force: true });
  }
}

/** Does what the packages' install scripts would do, which download or compile parts that Glance does not need. */
function finish(folder) {
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');
  fs.symlinkSync('node_modules', path.join(vscode, 'node_modules.asar')); // the name that VS Code's own code looks for
  const ripgrep = path.join(vscode, 'node_modules/@vscode/ripgrep/bin');
  fs.mkdirSync(ripgrep, { recursive: true });
  fs.copyFileSync(path.join(folder, 'node_modules', RIPGREP, 'bin/rg'), path.join(ripgrep, 'rg'));
  fs.chmodSync(path.join(ripgrep, 'rg'), 0o755);
}

async function installInto(lifetime, folder) {
  const what = 'Installing the editor host';
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'glance-editor-host', private: true, dependencies: PACKAGES }));
  await npm(lifetime, ['install', '--ignore-scripts'], { cwd: folder, what });
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');
  for (const cwd of [vscode, path.join(vscode, 'extensions')]) {
    await npm(lifetime, ['install', '--ignore-scripts', '--omit=dev'], { cwd, what });
  }
  finish(folder);
}

/**
 * Makes sure that the editor host is there. It is installed beside its place and renamed at the end: a folder with
 * its name is always a whole installation.
 * @throws {SetupProblem} when the system is not supported or the installation fails.
 */
export async function ensureEditorHost() {
  if (!EDITOR_HOST_SUPPORTED) {
    throw new SetupProblem('VS Code in the browser runs on Linux and macOS. Install VS Code itself (https://code.visualstudio.com) with its "code" command on PATH.');
  }
  if (fs.existsSync(FOLDER)) return;
  say(`the editor host: VS Code 1.100.3 (code-server ${PACKAGES['code-server']} from npm, 300 MB), on Node ${process.versions.node}`);
  await step('installing the editor host (once, about a minute)', () => withLifetime(async (lifetime) => {
    fs.mkdirSync(HOSTS, { recursive: true });
    removeLeftovers();
    const folder = path.join(HOSTS, `unfinished-${process.pid}`);
    lifetime.defer(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.mkdirSync(folder);
    await installInto(lifetime, folder);
    if (!fs.existsSync(FOLDER)) fs.renameSync(folder, FOLDER); // another run may have been quicker
  }));
}
