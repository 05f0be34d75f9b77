#!/usr/bin/env node
// Bundles the extension, the engine, the command line and the library into dist/, with everything they read at run time beside them.
// `--production` minifies and leaves source maps out; `--target TARGET` is another platform than this machine's, `--out FOLDER` another folder.
import { build } from 'esbuild';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { HERE, isNativeLibrary, nativeFolder } from './targets.mjs';

const root = path.resolve(import.meta.dirname, '..');
// vsce runs the script that package.json names, without arguments.
const { production, target, out } = parseArgs({ options: { production: { type: 'boolean' }, target: { type: 'string', default: process.env.GLANCE_TARGET ?? HERE }, out: { type: 'string', default: 'dist' } } }).values;
const dist = path.resolve(root, out);
const require = createRequire(import.meta.url);
const packageFolder = (name) => path.join(root, 'node_modules', name);

rmSync(dist, { recursive: true, force: true });
mkdirSync(path.join(dist, 'grammars'), { recursive: true });

await build({
  absWorkingDir: root,
  entryPoints: { extension: 'src/extension.ts', engine: 'src/engine/server.ts', probe: 'src/engine/probe-main.ts', cli: 'src/cli/main.ts', library: 'src/library/index.ts' },
  outdir: dist,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // The host provides the first; the others load a library from their own folder, and are copied below.
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-web'],
  // The library looks for its WASM beside its own file; we hand it the bytes.
  define: { 'import.meta.url': '"file:///glance"' },
  minify: production,
  sourcemap: !production,
  logLevel: 'warning',
});

// The pages, which a browser runs.
await build({
  absWorkingDir: root,
  entryPoints: { tune: 'src/webview/tune/main.ts', 'tune-style': 'src/webview/tune/tune.css' },
  outdir: path.join(dist, 'webview'),
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  minify: production,
  sourcemap: !production && 'inline',
  logLevel: 'warning',
});

cpSync(require.resolve('web-tree-sitter/web-tree-sitter.wasm'), path.join(dist, 'grammars/web-tree-sitter.wasm'));
const grammars = path.join(packageFolder('@vscode/tree-sitter-wasm'), 'wasm');
for (const name of grammarNames()) {
  cpSync(path.join(grammars, name), path.join(dist, 'grammars', name));
}
if (nativeFolder(target)) {
  copyRuntime('onnxruntime-node', (file) => /^(package\.json|LICENSE|dist\/[^/]+\.js|lib\/[^/]+\.js)$/u.test(file) || isNativeLibrary(file, target));
}
copyRuntime('onnxruntime-web', (file) => /^(package\.json|dist\/(ort\.node\.min\.js|ort-wasm-simd-threaded\.(mjs|wasm)))$/u.test(file));
copyRuntime('onnxruntime-common', (file) => /^(package\.json|dist\/cjs\/.+\.(js|json))$/u.test(file));
// The bundles are CommonJS, whatever the package that contains this folder says.
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');

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
