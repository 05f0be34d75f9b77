/** What esbuild makes of the sources. */
import { ROOT } from './harness/paths.mjs';
import { SetupProblem } from './harness/progress.mjs';

const COMMON = { absWorkingDir: ROOT, bundle: true, logLevel: 'warning' };

/** For Node.js. The host provides `vscode`; the others load a library from their own folder, and are copied beside the bundles. */
const FOR_NODE = {
  ...COMMON,
  platform: 'node', format: 'cjs', target: 'node20',
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-web'],
  // A library looks for its WASM beside its own file; we hand it the bytes.
  define: { 'import.meta.url': '"file:///glance"' },
};

/** The extension, its engine, the command line and the library. */
export const FOR_DESKTOP = {
  ...FOR_NODE,
  entryPoints: { extension: 'src/extension.ts', engine: 'src/engine/server.ts', probe: 'src/engine/probe-main.ts', cli: 'src/cli/main.ts', library: 'src/library/index.ts' },
};

/** The extension for VS Code for the Web: one file, which it loads as CommonJS. */
export const FOR_WEB = {
  ...COMMON,
  entryPoints: { extension: 'src/extension-web.ts' },
  platform: 'browser', format: 'cjs', target: 'es2022',
  external: ['vscode'],
  alias: { 'node:path': 'path-browserify', 'node:events': './src/editor/web/events.ts' },
  // Asked on the way to what a browser never does.
  define: { ...FOR_NODE.define, 'process.platform': '"browser"' },
};

/** The pages, which a browser runs. */
export const PAGES = {
  ...COMMON,
  entryPoints: { tune: 'src/webview/tune/main.ts', 'tune-style': 'src/webview/tune/tune.css' },
  platform: 'browser', format: 'iife', target: 'es2022',
};

/** Bundles a tool of the repository, so that no process of it spends time on compiling TypeScript. */
export async function bundleTool(entryPoints, outdir) {
  const { build } = await import('esbuild');
  await build({ ...FOR_NODE, entryPoints, outdir }).catch((error) => {
    throw new SetupProblem(`${entryPoints.join(', ')} cannot be bundled: ${error.message}`);
  });
}
