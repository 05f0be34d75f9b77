import { ROOT } from './harness/paths.mjs';
import { SetupProblem } from './harness/progress.mjs';

/** Bundles a tool of the repository, so that no process of it spends time on compiling TypeScript. */
export async function bundle(entryPoints, outdir) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir,
    bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['onnxruntime-node', 'onnxruntime-web'],
    define: { 'import.meta.url': '"file:///glance"' }, // as in build.mjs
    logLevel: 'warning',
  }).catch((error) => {
    throw new SetupProblem(`${entryPoints.join(', ')} cannot be bundled: ${error.message}`);
  });
}
