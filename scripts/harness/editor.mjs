/** Runs the installed editor host: a throw-away profile, the server on loopback, the address of its workbench. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './lifetime.mjs';
import { EXAMPLES, cleanEnvironment } from './paths.mjs';
import { SetupProblem } from './progress.mjs';

/** Settings of the throw-away profile: no welcome, no questions, nothing that looks outside this machine. */
const SETTINGS = {
  'chat.commandCenter.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off', // in a browser VS Code saves by itself a second after an edit, across what a test saves
  'files.hotExit': 'off',
  'git.enabled': false, // the example folder is a copy outside any repository
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.confirmBeforeClose': 'never',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.editor.useModal': 'off', // newer versions show the settings over the editors
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

const START_LIMIT_MS = 60_000;

/**
 * A profile in a temporary folder, with a copy of the example folder to work on.
 * @param settings that differ from the usual ones
 * @returns {{home: string, temporary: string, data: string, extensions: string, settings: string, workspace: string, log: string}} paths
 */
export function createProfile(lifetime, settings = {}) {
  const root = lifetime.temporaryFolder('editor');
  const profile = {
    home: path.join(root, 'home'),
    temporary: path.join(root, 'tmp'),
    data: path.join(root, 'data'),
    extensions: path.join(root, 'extensions'),
    settings: path.join(root, 'data/User/settings.json'),
    workspace: path.join(root, 'examples'),
    log: path.join(root, 'server.log'),
  };
  for (const folder of [profile.home, profile.temporary, profile.extensions, path.dirname(profile.settings)]) fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(profile.settings, JSON.stringify({ ...SETTINGS, ...settings }, null, 2));
  fs.cpSync(EXAMPLES, profile.workspace, { recursive: true });
  return profile;
}

function serverArguments(host, profile, more) {
  return [host.server, '--accept-server-license-terms', '--user-data-dir', profile.data, '--extensions-dir', profile.extensions, ...more];
}

function serverEnvironment(profile, extra = {}) {
  return cleanEnvironment({ HOME: profile.home, TMPDIR: profile.temporary, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...extra });
}

/** Installs a .vsix into a profile, as a user of the editor host would. */
export async function installExtension(lifetime, host, profile, vsix) {
  const { status, output } = await run(lifetime, host.node, serverArguments(host, profile, ['--install-extension', vsix, '--force']), { env: serverEnvironment(profile) });
  if (status !== 0 || !/successfully installed/.test(output)) throw new Error(`The editor did not install ${vsix}:\n${output}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function answers(origin) {
  return new Promise((resolve) => {
    const request = http.get(`${origin}/version`, { timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}

/**
 * Serves VS Code on loopback until the lifetime ends.
 * @param host the VS Code, an EditorHost
 * @param env variables that the extension host sees
 * @param port a port, or undefined for a free one
 * @param flags more of the server's
 * @returns {Promise<{address: string, stopped: Promise<number>}>} `address` opens the profile's folder, or its `workspaceFile` where it has one; `stopped`
 * settles when the server ends by itself
 * @throws {SetupProblem} when it does not start, with the end of its log.
 */
export async function serve(lifetime, host, profile, { env, port, flags = ['--disable-workspace-trust'] } = {}) {
  const log = fs.openSync(profile.log, 'a');
  const chosen = port ?? (await freePort());
  // Whoever can open the workbench has a shell: only those who are told the address shall.
  const token = randomBytes(16).toString('hex');
  const child = lifetime.spawn(host.node, serverArguments(host, profile, [
    '--host', '127.0.0.1', '--port', String(chosen), '--connection-token', token,
    '--telemetry-level', 'off', '--disable-telemetry', '--disable-getting-started-override', ...flags,
  ]), { env: serverEnvironment(profile, env), stdio: ['ignore', log, log] });
  fs.closeSync(log);
  const stopped = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 128)));
  const origin = `http://127.0.0.1:${chosen}`;
  const start = Date.now();
  while (!(await answers(origin))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() - start > START_LIMIT_MS) {
      const lines = fs.readFileSync(profile.log, 'utf8').trim().split('\n').slice(-12).join('\n');
      throw new SetupProblem(`The editor host did not start on port ${chosen}:\n${lines}\nIf the port is taken choose another with --port; otherwise delete .vscode-host and try again.`);
    }
    await sleep(50);
  }
  const opened = profile.workspaceFile ? `workspace=${encodeURI(profile.workspaceFile)}` : `folder=${encodeURI(profile.workspace)}`;
  return { address: `${origin}/?tkn=${token}&${opened}`, stopped };
}

/**
 * The address for a run of tests: VS Code loads an extension from its folder, runs a script in the extension host, and
 * reports to the page.
 * @param address of the workbench
 */
export function testRunUrl(address, { extension, tests }) {
  const url = new URL(address);
  const remote = (file) => `vscode-remote://${url.host}${file}`;
  url.searchParams.set('payload', JSON.stringify([['extensionDevelopmentPath', remote(extension)], ['extensionTestsPath', remote(tests)]]));
  return url.href;
}
