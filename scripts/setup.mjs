/**
 * From a clean clone to a built extension: checks Node, installs the dependencies, builds.
 * Uses nothing but Node's own modules, so that it runs before anything is installed.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run, withLifetime } from './harness/lifetime.mjs';
import { ROOT, cleanEnvironment, manifest, npmCommand } from './harness/paths.mjs';
import { SetupProblem, main, say, step } from './harness/progress.mjs';

const NODE_MODULES = path.join(ROOT, 'node_modules');
const STAMP = path.join(NODE_MODULES, '.glance-installed');

/** Why `npm` failed, in plain words, from what it wrote. */
const NPM_PROBLEMS = [
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network request/i,
    'The npm registry cannot be reached. Connect to the network, or tell npm about your proxy or mirror\n(npm config set proxy ..., npm config set registry ...), and try again.'],
  [/CERT_|SELF_SIGNED|unable to \w+ (local )?(issuer )?certificate/i, 'The connection to the npm registry is not trusted: point npm at your certificates (npm config set cafile ...).'],
  [/ENOSPC/, 'The disk is full: some 700 MB are needed.'],
  [/EACCES|EPERM|EROFS/, `The folder cannot be written: check who owns ${ROOT}.`],
  [/in sync|Missing:.*from lock file/i, 'package.json and package-lock.json disagree: run "npm install" and commit the lock file.'],
];

/**
 * Runs `npm`; when it fails, says why and what to do.
 * @throws {SetupProblem} with npm's own last lines and the likely reason.
 */
export async function npm(lifetime, args, { cwd = ROOT, env = {}, what }) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status, output } = await run(lifetime, ...npmCommand([...args, ...quiet]), { cwd, env: cleanEnvironment(env) })
    .catch((error) => ({ status: 1, output: String(error) }));
  if (status === 0) return;
  const reason = NPM_PROBLEMS.find(([pattern]) => pattern.test(output))?.[1] ?? 'See the lines above for the reason.';
  throw new SetupProblem(`${what} failed (npm ${args[0]}):\n${output.trim().split('\n').slice(-12).join('\n')}\n\n${reason}`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // As the manifest has it: ">=20.19".
  const oldest = manifest().engines.node.replace('>=', '');
  const [oldestMajor, oldestMinor] = oldest.split('.').map(Number);
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new SetupProblem(`Node.js ${oldest} or later is needed; this is ${process.versions.node}. Get it from https://nodejs.org and try again.`);
  }
}

async function installDependencies(lifetime) {
  const lock = createHash('sha256').update(fs.readFileSync(path.join(ROOT, 'package-lock.json'))).digest('hex');
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === lock) return;
  const first = fs.existsSync(NODE_MODULES) ? 'package-lock.json has changed' : 'first time, about a minute';
  await step(`installing dependencies (${first})`, () =>
    // The packages' install scripts only download what Glance does not use (CUDA libraries, browsers).
    npm(lifetime, ['ci', '--ignore-scripts'], { what: 'Installing the dependencies', env: { ONNXRUNTIME_NODE_INSTALL: 'skip' } }));
  fs.writeFileSync(STAMP, lock); // last: an interrupted installation is done again
}

/** Bundles the sources into dist/. */
async function build(lifetime) {
  const { status, output } = await run(lifetime, process.execPath, [path.join(ROOT, 'scripts/build.mjs')], { cwd: ROOT });
  if (status !== 0) throw new SetupProblem(`The build failed:\n${output.trim()}`);
}

/**
 * Makes a clone ready to run; quick when it already is.
 * @throws {SetupProblem} when Node is too old, the installation fails, or the sources do not build.
 */
export async function prepare() {
  checkNode();
  await withLifetime(async (lifetime) => {
    await installDependencies(lifetime);
    await build(lifetime);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await prepare();
    say('ready: "npm start" shows Glance, "npm test" tests it');
  });
}
