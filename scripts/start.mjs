/**
 * `npm start`: sets up what is missing and shows Glance.
 *
 *   npm start                          in the desktop VS Code; in the browser where there is none
 *   npm start -- --web [--port N]      in VS Code in the browser, served on loopback until Ctrl+C
 *   npm start -- FILE...               in the terminal: classifies the comments of files and folders
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findDesktop } from './harness/desktop.mjs';
import { createProfile, installExtension, serve } from './harness/editor.mjs';
import { OLDEST, ensureEditorHost } from './harness/editor-host.mjs';
import { withLifetime } from './harness/lifetime.mjs';
import { EXAMPLES, ROOT } from './harness/paths.mjs';
import { SetupProblem, main, say, step } from './harness/progress.mjs';
import { packageExtension } from './package.mjs';
import { prepare } from './setup.mjs';

/** Classifies files in the terminal; its exit status is the command line's. */
function classify(paths) {
  const cli = path.join(ROOT, 'dist/cli.js');
  // npm starts scripts in the repository's root; the paths are meant from where the person stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return spawnSync(process.execPath, [cli, 'classify', ...paths], { cwd, stdio: 'inherit' }).status ?? 1;
}

function openDesktop({ command }) {
  say(`opening the desktop VS Code (${command}) on the example folder`);
  // A copy, so that trying Glance out leaves the repository as it is. The window outlives this script, and the copy with it.
  const examples = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'glance-')), 'examples');
  fs.cpSync(EXAMPLES, examples, { recursive: true });
  const args = [`--extensionDevelopmentPath=${ROOT}`, '--new-window', examples, path.join(examples, 'README.md')];
  // Windows has a batch file there, which only a shell starts, and a shell wants paths with spaces quoted.
  const shell = process.platform === 'win32';
  const quoted = (text) => (shell ? `"${text}"` : text);
  return spawnSync(quoted(command), args.map(quoted), { stdio: 'inherit', shell }).status ?? 1;
}

/** Serves VS Code with the packaged extension installed, as a user would have it, until Ctrl+C. */
async function serveWeb(port) {
  await ensureEditorHost(OLDEST);
  return withLifetime(async (lifetime) => {
    const vsix = await step('packaging the extension', () => packageExtension(lifetime));
    const profile = createProfile(lifetime, { 'workbench.startupEditor': 'readme' });
    await installExtension(lifetime, OLDEST, profile, vsix);
    const editor = await serve(lifetime, OLDEST, profile, { port });
    console.log(`\nVS Code with Glance, on a copy of the example folder:\n\n  ${editor.address}\n\nOpen it in a browser on this machine. Ctrl+C ends it and removes everything it wrote.`);
    const status = await editor.stopped;
    throw new SetupProblem(`The editor host ended by itself (exit status ${status}).`);
  });
}

function parse() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { web: { type: 'boolean' }, port: { type: 'string' } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) throw new Error(`--port ${values.port} is no port number.`);
    if (positionals.length > 0 && (values.web || port)) throw new Error('Name files, or ask for --web; not both.');
    return { web: values.web ?? port !== undefined, port, paths: positionals };
  } catch (error) {
    throw new SetupProblem(`${error.message}\nUsage: npm start [-- --web [--port N] | -- FILE...]`);
  }
}

await main(async () => {
  const { web, port, paths } = parse();
  await prepare();
  if (paths.length > 0) return classify(paths);
  const desktop = web ? undefined : findDesktop();
  if (desktop) return openDesktop(desktop);
  if (!web) say('no desktop VS Code here ("code" on PATH): serving it for the browser, as "npm start -- --web" does');
  return serveWeb(port);
});
