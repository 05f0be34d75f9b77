/**
 * Installs real VS Codes (their server and their workbench for the browser) from npm alone, once, each in a folder of its own in
 * .vscode-host/.
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

const SYSTEM = `${process.platform}-${process.arch}`;
const RIPGREP = `@vscode/ripgrep-${SYSTEM}`;
const HOSTS = path.join(ROOT, '.vscode-host');

/**
 * A VS Code to run Glance in.
 * @typedef {object} EditorHost
 * @property {string} vscode its version
 * @property {Record<string, string>} packages what it is installed from, in exact versions
 * @property {string} folder where it lies once it is installed
 * @property {string} server VS Code's server, as a script for Node
 * @property {string} node the Node that runs it
 */

/** @returns {EditorHost} a code-server of this version, which runs on a Node from npm, or on this one. */
function editorHost(vscode, codeServer, nodeVersion) {
  const node = `node-${SYSTEM}`;
  const folder = path.join(HOSTS, `code-server-${codeServer}`);
  return {
    vscode,
    packages: { 'code-server': codeServer, [RIPGREP]: '1.18.0', ...(nodeVersion && { [node]: nodeVersion }) },
    folder,
    server: path.join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js'),
    node: nodeVersion ? path.join(folder, 'node_modules', node, 'bin/node') : process.execPath,
  };
}

/** The oldest VS Code that Glance supports. It runs on Node 20 to 24. */
export const OLDEST = editorHost('1.100.3', '4.100.3');

/** The newest VS Code on npm when this was written. It needs Node 24. */
export const NEWEST = editorHost('1.139.1', '4.139.1', '24.21.0');

/** Why a VS Code cannot run on this system, if so: it is built for two, and a Node for it is told of by this one only. */
export function whyUnsupported(host) {
  if (host === NEWEST && SYSTEM !== 'linux-x64') return `VS Code ${host.vscode} is tested on linux-x64 alone; this is ${SYSTEM}`;
  if (!['linux', 'darwin'].includes(process.platform)) return 'VS Code in the browser runs on Linux and macOS';
  return undefined;
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Removes versions that are used no more, and installations whose process is gone. */
function removeLeftovers() {
  const used = [OLDEST, NEWEST].map(({ folder }) => path.basename(folder));
  for (const name of fs.readdirSync(HOSTS).filter((each) => !used.includes(each))) {
    const installer = /^unfinished-(\d+)-/.exec(name)?.[1];
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

async function installInto(lifetime, { packages }, folder) {
  const what = 'Installing the editor host';
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'glance-editor-host', private: true, dependencies: packages }));
  await npm(lifetime, ['install', '--ignore-scripts'], { cwd: folder, what });
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');
  for (const cwd of [vscode, path.join(vscode, 'extensions')]) {
    await npm(lifetime, ['install', '--ignore-scripts', '--omit=dev'], { cwd, what });
  }
  finish(folder);
}

/**
 * Makes sure that an editor host is there. It is installed beside its place and renamed at the end: a folder with
 * its name is always a whole installation.
 * @param {EditorHost} host
 * @throws {SetupProblem} when the system is not supported or the installation fails.
 */
export async function ensureEditorHost(host) {
  const reason = whyUnsupported(host);
  if (reason) throw new SetupProblem(`${reason}. Install VS Code itself (https://code.visualstudio.com) with its "code" command on PATH.`);
  if (fs.existsSync(host.folder)) return;
  say(`an editor host: VS Code ${host.vscode} (code-server ${host.packages['code-server']} from npm, up to 800 MB)`);
  await step('installing the editor host (once, about a minute)', () => withLifetime(async (lifetime) => {
    fs.mkdirSync(HOSTS, { recursive: true });
    removeLeftovers();
    const folder = path.join(HOSTS, `unfinished-${process.pid}-${host.vscode}`);
    lifetime.defer(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.mkdirSync(folder);
    await installInto(lifetime, host, folder);
    if (!fs.existsSync(host.folder)) fs.renameSync(folder, host.folder); // another run may have been quicker
  }));
}
