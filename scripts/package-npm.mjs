/**
 * `npm run package:npm`: stages the npm package in out/npm and packs it as out/glance-VERSION.tgz: the command line and the library, with all that
 * they read at run time, for every platform, so that installing it takes no network and runs no script.
 *
 * ONNX Runtime is bundled. As a dependency it would bring 260 MB of files, half of them libraries for graphics cards, and a script that downloads more.
 */
import { generateDtsBundle } from 'dts-bundle-generator';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertFit, modelFiles } from './fit-to-ship.mjs';
import { run, withLifetime } from './harness/lifetime.mjs';
import { OUT, ROOT, cleanEnvironment, manifest, npmCommand } from './harness/paths.mjs';
import { main, say, step } from './harness/progress.mjs';
import { prepare } from './setup.mjs';
import { TARGETS, isNativeLibrary, nativeFolder } from './targets.mjs';

const STAGE = path.join(OUT, 'npm');
const RUNTIME = 'dist/node_modules/onnxruntime-node';

/** Bytes that the package may have: what it needs today, with room for a somewhat larger model. */
const LARGEST = 100_000_000;

/** What of the build belongs to it: neither the extension nor its pages. */
const BUILT = ['cli.js', 'library.js', 'engine.js', 'probe.js', 'package.json', 'grammars', 'node_modules'];

/** What stands beside the build, and what it is called there. */
const BESIDE = { 'docs/library.md': 'README.md', LICENSE: 'LICENSE', 'THIRD_PARTY_NOTICES.md': 'THIRD_PARTY_NOTICES.md', 'CHANGELOG.md': 'CHANGELOG.md' };

/** The only files that it may have. */
const ALLOWED = /^((README|THIRD_PARTY_NOTICES|CHANGELOG)\.md|LICENSE|package\.json|dist\/(package\.json|(cli|library|engine|probe)\.js|library\.d\.ts|grammars\/[\w-]+\.wasm|node_modules\/onnxruntime-(node|web|common)\/.+)|models\/(README\.md|[\w-]+\/[\w.-]+))$/;

/** What belongs nowhere: sources, source maps, and libraries for graphics cards. */
const FORBIDDEN = /\.map$|(?<!\.d)\.ts$|providers|DirectML|dxcompiler|dxil/;

/** The description of the package: what npm needs to know, and nothing of the extension. */
function describe() {
  const { name, version, license, keywords, engines } = manifest();
  return {
    name,
    version,
    description: 'Classifies code comments, commit messages and documentation on your own machine, and says how sure it is',
    license,
    keywords,
    engines: { node: engines.node },
    bin: { glance: 'dist/cli.js' },
    main: './dist/library.js',
    types: './dist/library.d.ts',
    exports: { '.': { types: './dist/library.d.ts', default: './dist/library.js' }, './package.json': './package.json' },
  };
}

/** Puts everything in its place in out/npm. */
async function stage(lifetime) {
  const build = lifetime.temporaryFolder('build');
  const { status, output } = await run(lifetime, process.execPath, [path.join(ROOT, 'scripts/build.mjs'), '--production', '--target', 'linux-x64', '--out', build], { cwd: ROOT });
  if (status !== 0) throw new Error(`The build failed:\n${output.trim()}`);
  fs.rmSync(STAGE, { recursive: true, force: true });
  for (const name of BUILT) fs.cpSync(path.join(build, name), path.join(STAGE, 'dist', name), { recursive: true });
  const runtime = path.join(ROOT, 'node_modules/onnxruntime-node');
  for (const target of TARGETS) {
    const folder = nativeFolder(target);
    for (const file of folder ? fs.readdirSync(path.join(runtime, folder)).map((name) => folder + name) : []) {
      if (isNativeLibrary(file, target)) fs.cpSync(path.join(runtime, file), path.join(STAGE, RUNTIME, file));
    }
  }
  fs.cpSync(path.join(ROOT, 'models'), path.join(STAGE, 'models'), { recursive: true });
  for (const [from, to] of Object.entries(BESIDE)) fs.cpSync(path.join(ROOT, from), path.join(STAGE, to));
  fs.writeFileSync(path.join(STAGE, 'package.json'), `${JSON.stringify(describe(), undefined, 2)}\n`);
  const [types] = generateDtsBundle([{ filePath: path.join(ROOT, 'src/library/index.ts'), output: { noBanner: true } }], { preferredConfigPath: path.join(ROOT, 'tsconfig.json') });
  fs.writeFileSync(path.join(STAGE, 'dist/library.d.ts'), types);
}

/** @throws {Error} that lists what is missing and what does not belong, or says that it is too large. */
function check(names, size) {
  const native = TARGETS.map(nativeFolder).filter(Boolean).map((folder) => `${RUNTIME}/${folder}onnxruntime_binding.node`);
  const needed = ['dist/cli.js', 'dist/library.js', 'dist/library.d.ts', 'dist/engine.js', 'dist/probe.js', 'dist/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', ...Object.values(BESIDE), ...native, ...modelFiles()];
  const missing = needed.filter((name) => !names.includes(name));
  const forbidden = names.filter((name) => !ALLOWED.test(name) || FORBIDDEN.test(name));
  assertFit({ name: 'The npm package', missing, forbidden, size, largest: LARGEST });
}

/**
 * Packs the npm package.
 * @returns {Promise<string>} the path of the tarball
 * @throws {Error} when it cannot be built or is not fit to ship
 */
export async function packageNpm(lifetime) {
  await stage(lifetime);
  const { status, output } = await run(lifetime, ...npmCommand(['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', OUT]), { cwd: STAGE, env: cleanEnvironment() });
  if (status !== 0) throw new Error(`npm pack failed:\n${output.trim()}`);
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))));
  check(packed.files.map((file) => file.path), packed.size);
  const file = path.join(OUT, packed.filename);
  say(`${path.relative(ROOT, file)}: ${(packed.size / 1e6).toFixed(1)} MB, installed ${(packed.unpackedSize / 1e6).toFixed(1)} MB`);
  return file;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await prepare();
    await withLifetime((lifetime) => step('packing the npm package', () => packageNpm(lifetime)));
  });
}
