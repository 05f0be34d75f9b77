/**
 * The suites of `npm test`. Each takes the run's context and gives {passed, failed, skipped, failures}; problems on the
 * way are thrown. Nothing that a suite starts outlives it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageExtension } from '../package.mjs';
import { HERE, WEB } from '../targets.mjs';
import { ensureBrowser, startBrowser } from './browser.mjs';
import { findDesktop } from './desktop.mjs';
import { createProfile, installExtension, serve } from './editor.mjs';
import { NEWEST, OLDEST, ensureEditorHost, whyUnsupported } from './editor-host.mjs';
import { runInExtensionHost } from './extension-host.mjs';
import { run } from './lifetime.mjs';
import { EXAMPLES, OUT, ROOT, TEST_RESULTS, cleanEnvironment, npmCommand } from './paths.mjs';
import { say, step } from './progress.mjs';
import { receiveResults } from './results.mjs';

const SUITE_LIMIT_MS = 20 * 60_000;
const REPORTER = path.join(ROOT, 'scripts/harness/reporter.cjs');

/** One npm script that is right or wrong as a whole. */
async function npmScript(lifetime, name) {
  const { status, output } = await run(lifetime, ...npmCommand(['run', '--silent', name]), { cwd: ROOT, env: cleanEnvironment(), timeoutMs: SUITE_LIMIT_MS });
  if (status !== 0) console.log(output.trim());
  return status === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : { passed: 0, failed: 1, skipped: 0, failures: [`npm run ${name}`] };
}

/** Closes a suite's results, printing why they are not believed. */
function judge(results, outcome) {
  const problem = results.close(outcome);
  if (problem) console.log(`  ✘ the suite itself: ${problem}`);
  return results;
}

/**
 * Runs mocha in a process of its own.
 * @param args of mocha's command line: the files, and what they need
 * @param env more variables for the tests
 */
export async function mocha(lifetime, args, { env = {}, timeoutMs = SUITE_LIMIT_MS } = {}) {
  const receiver = await receiveResults(lifetime);
  const outcome = await run(lifetime, process.execPath, [path.join(ROOT, 'node_modules/mocha/bin/mocha.js'), '--forbid-only', '--reporter', REPORTER, ...args], {
    cwd: ROOT, env: cleanEnvironment({ ...env, ...receiver.env }), stdio: ['ignore', 'inherit', 'inherit'], timeoutMs,
  });
  await receiver.received();
  return judge(receiver.results, outcome);
}

/**
 * Bundles the tests of a folder, which run inside the extension host.
 * @returns the script that runs them
 */
async function bundleHostTests(folder = 'test/host') {
  const { build } = await import('esbuild');
  const bundles = path.join(OUT, folder);
  fs.rmSync(bundles, { recursive: true, force: true });
  const tests = fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.test.ts')).map((name) => path.join(folder, name));
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/host/index.ts', ...tests].map((file) => ({ in: file, out: path.basename(file, '.ts') })),
    outdir: bundles, bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    external: ['vscode', 'mocha', 'onnxruntime-node'], sourcemap: 'inline', logLevel: 'warning',
  });
  fs.writeFileSync(path.join(OUT, 'package.json'), '{ "type": "commonjs" }\n');
  return path.join(bundles, 'index.js');
}

/** Tests with this in their titles are the main paths: they run on the newest VS Code, too. */
const ON_NEWEST = '@newest';

/** Variables for the tests inside a host; `grep` is what the titles of those to run have in them. */
const hostEnvironment = (receiver, grep) => ({ ...receiver.env, GLANCE_REPORTER: REPORTER, ...(grep && { GLANCE_GREP: grep }) });

/** Mocha inside the extension host of an editor from npm. */
async function inExtensionHost(lifetime, editorHost, grep, { folder = 'test/host', profile = createProfile(lifetime), trusted = true } = {}) {
  const tests = await bundleHostTests(folder);
  const receiver = await receiveResults(lifetime);
  const { log, page, ...outcome } = await runInExtensionHost(lifetime, editorHost, profile, { extension: ROOT, tests }, { env: hostEnvironment(receiver, grep), trusted, timeoutMs: SUITE_LIMIT_MS });
  await Promise.race([receiver.received(), sleep(2000)]);
  const results = judge(receiver.results, outcome);
  const logs = resultsFolder(editorHost);
  const name = path.basename(folder);
  fs.writeFileSync(path.join(logs, `${name}.log`), `${log.join('\n')}\n`);
  if (results.failed > 0) {
    await page.screenshot({ path: path.join(logs, `${name}-failed.png`) }).catch(() => undefined);
    console.log(`  ${path.relative(ROOT, logs)}/${name}.log has what the extension host wrote`);
  }
  return results;
}

/** The same in a workspace that is not trusted, of several folders: the examples, `second`, and one on a file system of the tests' own. */
async function inRestrictedWorkspace(lifetime) {
  const profile = createProfile(lifetime, { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' });
  const second = path.join(path.dirname(profile.workspace), 'second');
  const file = path.join(path.dirname(profile.workspace), 'several.code-workspace');
  fs.cpSync(path.join(ROOT, 'test/fixtures/second'), second, { recursive: true });
  fs.writeFileSync(file, JSON.stringify({
    folders: [{ path: profile.workspace }, { path: second }, { uri: 'glance-test:/virtual', name: 'virtual' }],
    settings: { 'glance.modelPath': '/nowhere', 'glance.comments.minimumConfidence': 1 },
  }));
  return inExtensionHost(lifetime, OLDEST, undefined, { folder: 'test/host-restricted', profile: { ...profile, workspaceFile: file }, trusted: false });
}

/** Where logs and screenshots of an editor host go. */
function resultsFolder(editorHost) {
  const folder = editorHost === OLDEST ? TEST_RESULTS : path.join(TEST_RESULTS, editorHost.vscode);
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** The packages that were packed, by their targets. */
const packaged = {};

/** The path of the package for a target, packed once in a run: several suites take it. */
async function packedOnce(lifetime, target) {
  packaged[target] ??= await step(`packaging the extension for ${target}`, () => packageExtension(lifetime, target));
  return packaged[target];
}

/** The package of the suite `web`, made once more: those of other targets are made by the same steps, of other files. */
async function packedTwice(lifetime) {
  return mocha(lifetime, ['--no-config', '--timeout', '400000', 'test/package/*.test.mjs'], { env: { GLANCE_PACKAGE: await packedOnce(lifetime, WEB) } });
}

/** The interface tests: the packaged extension installed as a user would, and a browser that uses it. */
async function inBrowser(lifetime, editorHost, grep, { target = HERE, tests = 'test/ui' } = {}) {
  await ensureEditorHost(editorHost);
  const browserPath = await ensureBrowser();
  const vsix = await packedOnce(lifetime, target);
  const profile = createProfile(lifetime);
  await installExtension(lifetime, editorHost, profile, vsix);
  const editor = await serve(lifetime, editorHost, profile);
  const session = {
    browser: await startBrowser(lifetime, browserPath),
    url: editor.address,
    screenshots: resultsFolder(editorHost),
  };
  const chosen = grep ? ['--fgrep', grep] : [];
  return mocha(lifetime, ['--no-config', '--require', 'tsx/cjs', '--timeout', '300000', ...chosen, `${tests}/**/*.test.ts`], { env: { GLANCE_UI_SESSION: JSON.stringify(session) } });
}

/** The main paths on the newest VS Code, where this system runs it. */
function onNewest(run) {
  return async (lifetime) => {
    const reason = whyUnsupported(NEWEST);
    if (!reason) return run(lifetime, NEWEST, ON_NEWEST);
    say(`skipped: ${reason}`);
    return { passed: 0, failed: 0, skipped: 1, failures: [] };
  };
}

/** The same tests as `host`, in the desktop VS Code where there is one. */
async function desktop(lifetime) {
  const found = findDesktop();
  if (!found) {
    say('skipped: no desktop VS Code ("code" on PATH, and a display)');
    return { passed: 0, failed: 0, skipped: 1, failures: [] };
  }
  const tests = await bundleHostTests();
  const receiver = await receiveResults(lifetime);
  const workspace = path.join(lifetime.temporaryFolder('desktop'), 'examples');
  fs.cpSync(EXAMPLES, workspace, { recursive: true });
  const settings = { program: found.program, development: ROOT, tests, workspace, profile: lifetime.temporaryFolder('profile'), env: hostEnvironment(receiver) };
  const outcome = await run(lifetime, process.execPath, [path.join(ROOT, 'scripts/harness/desktop-run.mjs'), JSON.stringify(settings)], { timeoutMs: SUITE_LIMIT_MS, env: cleanEnvironment() });
  await Promise.race([receiver.received(), sleep(2000)]);
  fs.writeFileSync(path.join(TEST_RESULTS, 'desktop.log'), outcome.output);
  return judge(receiver.results, outcome);
}

/** All suites in the order in which they run, cheap ones first. */
export const SUITES = {
  lint: { what: 'eslint', run: (lifetime) => npmScript(lifetime, 'lint') },
  types: { what: 'the TypeScript compiler', run: (lifetime) => npmScript(lifetime, 'typecheck') },
  harness: { what: 'suites that must fail, to see that they do', run: (lifetime) => mocha(lifetime, ['--no-config', '--timeout', '60000', 'test/harness/*.test.mjs']) },
  unit: { what: 'mocha, without an editor', run: (lifetime) => mocha(lifetime, []) },
  package: { what: 'a package has the same bytes when it is made again', run: packedTwice },
  npm: { what: 'the npm package, installed into an empty folder', run: (lifetime) => mocha(lifetime, ['--no-config', '--timeout', '120000', 'test/npm/*.test.mjs']) },
  host: { what: `mocha inside the extension host of VS Code ${OLDEST.vscode}`, run: (lifetime) => inExtensionHost(lifetime, OLDEST) },
  restricted: { what: 'the same in a workspace of several folders that is not trusted', run: inRestrictedWorkspace },
  'host-newest': { what: `its main paths on VS Code ${NEWEST.vscode}`, run: onNewest(inExtensionHost) },
  ui: { what: `a browser uses the packaged extension in VS Code ${OLDEST.vscode}`, run: (lifetime) => inBrowser(lifetime, OLDEST) },
  'ui-newest': { what: `its main paths in VS Code ${NEWEST.vscode}`, run: onNewest(inBrowser) },
  web: { what: 'a browser runs the package for VS Code for the Web', run: (lifetime) => inBrowser(lifetime, OLDEST, undefined, { target: WEB, tests: 'test/web' }) },
  desktop: { what: 'mocha inside the desktop VS Code', run: desktop },
};
