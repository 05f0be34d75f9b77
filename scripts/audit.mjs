/**
 * `npm run audit [-- OPTIONS]`: sets up what is missing and audits the findings in installed packages. docs/audit.md says how.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { bundleTool } from './bundles.mjs';
import { OUT, cleanEnvironment } from './harness/paths.mjs';
import { main } from './harness/progress.mjs';
import { prepare } from './setup.mjs';

await main(async () => {
  await prepare();
  const folder = path.join(OUT, 'audit');
  await bundleTool(['bench/audit/main.ts'], folder);
  return spawnSync(process.execPath, [path.join(folder, 'main.js'), ...process.argv.slice(2)], { stdio: 'inherit', env: cleanEnvironment() }).status ?? 1;
});
