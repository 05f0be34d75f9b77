#!/usr/bin/env node
// Bundles the extension, the engine, the command line and the library into dist/, with everything they read at run time beside them.
// `--production` minifies and leaves source maps out; `--target TARGET` is another platform than this machine's, `--out FOLDER` another folder.
import { build } from 'esbuild';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FOR_DESKTOP, FOR_WEB, PAGES } from './bundles.mjs';
import { HERE, WEB, isNativeLibrary, nativeFolder } from './targets.mjs';

const root = path.resolve(import.meta.dirname, '..');
const { production, target, out: dist } = parseArgs({
  options: { production: { type: 'boolean' }, target: { type: 'string', default: HERE }, out: { type: 'string', default: path.join(root, 'dist') } },
}).values;
const require = createRequire(import.meta.url);
const packageFolder = (name) => path.join(root, 'node_modules', name);

rmSync(dist, { recursive: true, force: true });
mkdirSync(path.join(dist, 'grammars'), { recursive: true });

await build({ ...(target === WEB ? FOR_WEB : FOR_DESKTOP), outdir: dist, minify: production, sourcemap: !production });
await build({ ...PAGES, outdir: path.join(dist, 'webview'), minify: production, sourcemap: !production && 'inline' });

cpSync(require.resolve('web-tree-sitter/web-tree-sitter.wasm'), path.join(dist, 'grammars/web-tree-sitter.wasm'));
const grammars = path.join(packageFolder('@vscode/tree-sitter-wasm'), 'wasm');
for (const name of grammarNames()) {
  cpSync(path.join(grammars, name), path.join(dist, 'grammars', name));
}
if (target === WEB) {
  cpSync(path.join(packageFolder('onnxruntime-web'), 'dist/ort-wasm-simd-threaded.wasm'), path.join(dist, 'ort-wasm-simd-threaded.wasm'));
} else {
  copyRuntimes();
}
// The bundles are CommonJS, whatever the package that contains this folder says.
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');

/** The packages that the bundles for Node.js load. */
function copyRuntimes() {
  if (nativeFolder(target)) {
    copyRuntime('onnxruntime-node', (file) => /^(package\.json|LICENSE|dist\/[^/]+\.js|lib\/[^/]+\.js)$/u.test(file) || isNativeLibrary(file, target));
  }
  copyRuntime('onnxruntime-web', (file) => /^(package\.json|dist\/(ort\.node\.min\.js|ort-wasm-simd-threaded\.(mjs|wasm)))$/u.test(file));
  copyRuntime('onnxruntime-common', (file) => /^(package\.json|dist\/cjs\/.+\.(js|json))$/u.test(file));
}

/** The grammars named in the table of languages. */
function grammarNames() {
  const { LANGUAGES } = loadLanguages();
  return [...new Set(LANGUAGES.flatMap(({ grammar }) => (grammar ? [`tree-sitter-${grammar.name}.wasm`] : [])))];
}

function loadLanguages() {
  require('tsx/cjs');
  return require('../src/core/sources/comments/languages.ts');
}

/** Copies the files of a package that it needs at run time to where the bundles find it. */
function copyRuntime(name, wanted) {
  const from = packageFolder(name);
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const file = path.relative(from, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
    if (entry.isFile() && wanted(file)) {
      cpSync(path.join(from, file), path.join(dist, 'node_modules', name, file));
    }
  }
}
