/**
 * `npm run package [-- TARGET...]`: builds for production and packs out/glance-<target>.vsix for this machine's platform, for others, or for
 * `all` of them; then checks that everything that Glance reads at run time is in it and nothing else, and its size.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertFit, modelFiles } from './fit-to-ship.mjs';
import { run, withLifetime } from './harness/lifetime.mjs';
import { OUT, ROOT, cleanEnvironment, manifest } from './harness/paths.mjs';
import { SetupProblem, main, say } from './harness/progress.mjs';
import { prepare } from './setup.mjs';
import { HERE, TARGETS, WEB, isNativeLibrary, nativeFolder } from './targets.mjs';

/** Bytes that a package may have: what linux-x64 needs, with room for a model of 30 MB. */
const LARGEST = 45_000_000;

const RUNTIME = 'extension/dist/node_modules/onnxruntime-node/';

/** What every package must have: at least one entry for each. */
const ALWAYS_REQUIRED = [
  /^extension\/package\.json$/,
  /^extension\/package\.nls\.json$/,
  /^extension\/l10n\/bundle\.l10n\.json$/,
  /^extension\/media\/walkthrough\/.+\.svg$/,
  /^extension\/readme\.md$/i,
  /^extension\/changelog\.md$/i,
  /^extension\/licen[cs]e/i,
  /^extension\/THIRD_PARTY_NOTICES\.md$/i,
  /^extension\/dist\/extension\.js$/,
  /^extension\/dist\/webview\/tune\.js$/,
  /^extension\/dist\/webview\/tune-style\.css$/,
  /^extension\/dist\/grammars\/.+\.wasm$/,
  /^extension\/media\/screenshot\.png$/, // the README shows it
];

/** What a package must have besides, by where it runs. */
const REQUIRED = {
  node: [
    /^extension\/dist\/engine\.js$/,
    /^extension\/dist\/probe\.js$/,
    /^extension\/dist\/cli\.js$/,
    /^extension\/dist\/node_modules\/onnxruntime-web\/dist\/ort-wasm-simd-threaded\.wasm$/,
  ],
  browser: [/^extension\/dist\/ort-wasm-simd-threaded\.wasm$/],
};

/** The only places for files in a package; whatever lies elsewhere was not meant to ship. */
const ALLOWED = /^(\[Content_Types\]\.xml|extension\.vsixmanifest|extension\/(package(\.nls)?\.json|[A-Za-z_]+\.(md|txt)|LICENSE|(dist|l10n|models(?!\/\.)|media)\/.+))$/;

/** What must not ship even there: source maps, sources, and libraries of other platforms. */
function isForbidden(name, target) {
  return !ALLOWED.test(name) || /\.(map|ts)$/.test(name) || (name.includes('/bin/napi-') && !isNativeLibrary(name.replace(RUNTIME, ''), target));
}

/** The names of a zip file's entries, from its central directory (APPNOTE 4.3.12 and 4.3.16). */
function zipEntries(file) {
  const data = fs.readFileSync(file);
  const end = data.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names = [];
  let at = data.readUInt32LE(end + 16);
  for (let left = data.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = data.readUInt16LE(at + 28);
    names.push(data.toString('utf8', at + 46, at + 46 + nameLength));
    at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return names;
}

/** @throws {Error} that lists what is missing and what does not belong, or says that it is too large. */
function check(file, target) {
  const names = zipEntries(file);
  const native = nativeFolder(target);
  const missing = [
    ...(native && !names.includes(`${RUNTIME}${native}onnxruntime_binding.node`) ? [`ONNX Runtime's native library for ${target}`] : []),
    ...[...ALWAYS_REQUIRED, ...REQUIRED[target === WEB ? 'browser' : 'node']].filter((pattern) => !names.some((name) => pattern.test(name))).map(String),
    ...modelFiles().map((name) => `extension/${name}`).filter((name) => !names.includes(name)),
  ];
  const forbidden = names.filter((name) => isForbidden(name, target));
  assertFit({ name: path.basename(file), missing, forbidden, size: fs.statSync(file).size, largest: LARGEST });
}

/** Settings that mean nothing in a browser, which has one engine and no disk. */
const SETTINGS_OF_NODE = ['glance.modelPath', 'glance.executionProvider'];

/** Commands that take VS Code's Git extension, which browsers do not have. */
const COMMANDS_OF_GIT = ['glance.insertCommitType', 'glance.classifyHistory'];

/** The manifest as it ships for a target: a browser takes another entry point, and has no command line. */
function manifestFor(target) {
  const shipped = manifest();
  if (target === WEB) {
    shipped.browser = shipped.main;
    for (const key of ['main', 'bin', 'extensionKind']) delete shipped[key];
    const { configuration, commands, menus } = shipped.contributes;
    for (const setting of SETTINGS_OF_NODE) delete configuration.properties[setting];
    const works = ({ command }) => !COMMANDS_OF_GIT.includes(command);
    shipped.contributes.commands = commands.filter(works);
    for (const [place, items] of Object.entries(menus)) menus[place] = items.filter(works);
  }
  return shipped;
}

/** A folder with what a package is made of, apart from the repository: its manifest and its bundles are the target's own. */
async function stage(lifetime, target) {
  const folder = lifetime.temporaryFolder('package');
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifestFor(target), undefined, 2)}\n`);
  // vsce knows what ships by the list, and reads nothing else.
  const parts = fs.readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1).replace('/**', ''));
  for (const part of ['.vscodeignore', ...parts.filter((name) => !['package.json', 'dist'].includes(name))]) fs.cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  await runNode(lifetime, 'The build', [path.join(ROOT, 'scripts/build.mjs'), '--production', '--target', target, '--out', path.join(folder, 'dist')], { cwd: ROOT });
  return folder;
}

/** Seconds from the epoch on: with it vsce writes the same bytes for the same commit (reproducible-builds.org). Without a repository, the oldest time that a zip file can have. */
function timeOfCommit() {
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : String(Date.UTC(1980, 0, 2) / 1000);
}

/** @throws {Error} with the output of a script that fails. */
async function runNode(lifetime, what, args, options) {
  const { status, output } = await run(lifetime, process.execPath, args, options);
  if (status !== 0) throw new Error(`${what} failed:\n${output.trim()}`);
}

/**
 * Packs the extension for a platform: the same bytes for the same commit.
 * @returns {Promise<string>} the path of the .vsix
 * @throws {Error} when it cannot be built or is not fit to ship
 */
export async function packageExtension(lifetime, target = HERE) {
  const file = path.join(OUT, `${manifest().name}-${target}.vsix`);
  fs.mkdirSync(OUT, { recursive: true });
  fs.rmSync(file, { force: true });
  await runNode(lifetime, 'vsce package', [
    // The bundles hold the dependencies. There is no public repository yet that links could be made to point to.
    path.join(ROOT, 'node_modules/@vscode/vsce/vsce'), 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--target', target, '--out', file,
  ], { cwd: await stage(lifetime, target), env: cleanEnvironment({ SOURCE_DATE_EPOCH: timeOfCommit(), TZ: 'UTC' }) });
  check(file, target);
  say(`${path.relative(ROOT, file)}: ${(fs.statSync(file).size / 1e6).toFixed(1)} MB`);
  return file;
}

/** The targets that were asked for. @throws {SetupProblem} for one that there is not. */
function targets(names) {
  const asked = names.length === 0 ? [HERE] : names.includes('all') ? TARGETS : names;
  const unknown = asked.filter((name) => !TARGETS.includes(name));
  if (unknown.length > 0) throw new SetupProblem(`There is no target ${unknown.join(', ')}; there is ${TARGETS.join(', ')}, and all.`);
  return asked;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    const asked = targets(process.argv.slice(2));
    await prepare();
    for (const target of asked) await withLifetime((lifetime) => packageExtension(lifetime, target));
  });
}
