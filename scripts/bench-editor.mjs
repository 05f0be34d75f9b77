/**
 * `npm run bench:editor`: what Glance costs VS Code. Measures how long its activation takes, the time from a keystroke to its diagnostic, and how
 * long the extension host is blocked, with the packaged extension installed, and prints tables. bench/README.md says more.
 */
import fs from 'node:fs';
import path from 'node:path';
import { bundleTool } from './bundles.mjs';
import { createProfile, installExtension } from './harness/editor.mjs';
import { OLDEST, ensureEditorHost } from './harness/editor-host.mjs';
import { runInExtensionHost } from './harness/extension-host.mjs';
import { withLifetime } from './harness/lifetime.mjs';
import { OUT } from './harness/paths.mjs';
import { SetupProblem, main, step } from './harness/progress.mjs';
import { packageExtension } from './package.mjs';
import { prepare } from './setup.mjs';

const LIMIT_MS = 10 * 60_000;

/** Extension hosts whose activation is measured: each activates once. */
const ACTIVATIONS = 5;

/** A fresh extension host with the packaged extension. `part`: `activation` or `all`. */
function measure(vsix, tests, part) {
  return withLifetime(async (lifetime) => {
    const profile = createProfile(lifetime);
    await installExtension(lifetime, OLDEST, profile, vsix);
    activateWhenAsked(profile.extensions);
    // VS Code runs a script only for an extension under development: this one does nothing.
    const extension = lifetime.temporaryFolder('driver');
    fs.writeFileSync(path.join(extension, 'package.json'), JSON.stringify({ name: 'driver', publisher: 'glance-bench', version: '0.0.0', engines: { vscode: '*' } }));
    const out = path.join(extension, 'measurement.json');
    const { status, log } = await runInExtensionHost(lifetime, OLDEST, profile, { extension, tests }, { env: { GLANCE_BENCH_OUT: out, GLANCE_BENCH_PART: part }, timeoutMs: LIMIT_MS });
    if (status !== 0 || !fs.existsSync(out)) throw new SetupProblem(`The measurement did not come to its end:\n${log.slice(-12).join('\n')}`);
    return JSON.parse(fs.readFileSync(out, 'utf8'));
  });
}

/** Leaves an installed extension to be activated by its reader: VS Code would do so at its own start, unseen. */
function activateWhenAsked(extensions) {
  const folder = fs.readdirSync(extensions).find((name) => name.startsWith('glance-project.glance-'));
  const file = path.join(extensions, folder, 'package.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), activationEvents: [] }));
}

await main(async () => {
  await prepare();
  await ensureEditorHost(OLDEST);
  const folder = path.join(OUT, 'bench');
  await bundleTool(['bench/editor.ts', 'bench/editor-report.ts'], folder);
  const vsix = await step('packaging the extension', () => withLifetime(packageExtension));
  const tests = path.join(folder, 'editor.js');
  const activations = [];
  for (let number = 1; number <= ACTIVATIONS; number += 1) {
    const { activation } = await step(`activation, ${number} of ${ACTIVATIONS}`, () => measure(vsix, tests, 'activation'));
    activations.push(activation);
  }
  const measurement = await step('measuring in VS Code', () => measure(vsix, tests, 'all'));
  const { default: { editorReport } } = await import(path.join(folder, 'editor-report.js'));
  console.log(`\nVS Code ${OLDEST.vscode}, Node ${process.versions.node}\n\n${editorReport(activations, measurement)}\n`);
});
