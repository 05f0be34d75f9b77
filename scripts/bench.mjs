/**
 * `npm run bench [-- OPTIONS]`: sets up what is missing, the peers included, and measures. bench/README.md says what.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { bundleTool } from './bundles.mjs';
import { withLifetime } from './harness/lifetime.mjs';
import { OUT, ROOT, cleanEnvironment } from './harness/paths.mjs';
import { main, step } from './harness/progress.mjs';
import { npm, prepare } from './setup.mjs';

const BENCH = path.join(ROOT, 'bench');
const BUNDLES = path.join(OUT, 'bench');
const STAMP = path.join(BENCH, 'node_modules', '.glance-installed');

/** The peers: most of it is libraries for other platforms and for browsers. */
async function installPeers() {
  const lock = createHash('sha256').update(fs.readFileSync(path.join(BENCH, 'package-lock.json'))).digest('hex');
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === lock) return;
  await step('installing what Glance is compared with (700 MB in bench/node_modules)', () =>
    withLifetime((lifetime) => npm(lifetime, ['ci', '--ignore-scripts'], { cwd: BENCH, what: 'Installing the peers', env: { ONNXRUNTIME_NODE_INSTALL: 'skip' } })));
  fs.writeFileSync(STAMP, lock);
}

await main(async () => {
  await prepare();
  await installPeers();
  await bundleTool(['bench/main.ts', 'bench/worker.ts'], BUNDLES);
  return spawnSync(process.execPath, [path.join(BUNDLES, 'main.js'), ...process.argv.slice(2)], { stdio: 'inherit', env: cleanEnvironment() }).status ?? 1;
});
