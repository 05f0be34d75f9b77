/**
 * The suites of `npm test`. Each takes the run's context and gives {passed, failed, skipped}; problems on the way are
 * thrown. Nothing that a suite starts outlives it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageExtension } from '../package.mjs';
import { ensureBrowser, startBrowser } from './browser.mjs';
import { findDesktop } from './desktop.mjs';
import { createProfile, installExtension, serve, testRunUrl } from './editor.mjs';
import { NEWEST, OLDEST, ensureEditorHost, whyUnsupported } from './editor-host.mjs';
import { run } from './lifetime.mjs';
import { EXAMPLES, OUT, ROOT, TEST_RESULTS, cleanEnvironment, npmCommand } from './paths.mjs';
import { say, step } from './progress.mjs';
import { receiveResults } from './results.mjs';

const SUITE_LIMIT_MS = 5 * 60_000;
const REPORTER = path.join(ROOT, 'scripts/harness/reporter.cjs');
const HOST_TESTS = path.join(OUT, 'test/host/index.js');

/** One npm script that is right or wrong as a whole. */
async function npmScript(lifetime, name) {
  const { status, output } = await run(lifetime, ...npmCommand(['run', '--silent', name]), { cwd: ROOT, env: cleanEnvironment(), timeoutMs: SUITE_LIMIT_MS });
  if (status !== 0) console.log(output.trim());
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
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

/** Bundles the tests that run inside the extension host. */
async function bundleHostTests() {
  const { build } = await import('esbuild');
  const folder = path.join(ROOT, 'test/host');
  fs.rmSync(path.join(OUT, 'test'), { recursive: true, force: true });
  await build({
    entryPoints: fs.readdirSync(folder).filter((name) => name === 'index.ts' || name.endsWith('.test.ts')).map((name) => path.join(folder, name)),
    outdir: path.dirname(HOST_TESTS), bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    external: ['vscode', 'mocha', 'onnxruntime-node'], sourcemap: 'inline', logLevel: 'warning',
  });
  fs.writeFileSync(path.join(OUT, 'package.json'), '{ "type": "commonjs" }\n');
}

/** VS Code's complaints about native modules that the editor host does without: log files, and a watch on its parent. */
const MISSING_BY_DESIGN = /spdlog|native-watchdog/;

/** Tests with this in their titles are the main paths: they run on the newest VS Code, too. */
const ON_NEWEST = '@newest';

/** Variables for the tests inside a host. */
const hostEnvironment = (receiver, grep = '') => ({ ...receiver.env, GLANCE_REPORTER: REPORTER, GLANCE_GREP: grep });

/**
 * Mocha inside the extension host of an editor from npm; a browser without a window is its user.
 * @param editorHost the VS Code
 * @param grep what the titles of the tests to run have in them
 */
async function inExtensionHost(lifetime, editorHost, grep) {
  await ensureEditorHost(editorHost);
  const browserPath = await ensureBrowser();
  await bundleHostTests();
  const receiver = await receiveResults(lifetime);
  const profile = createProfile(lifetime);
  // Without the flag, newer versions run no tests. It hides notifications, which the tests in the browser want to see.
  const editor = await serve(lifetime, editorHost, profile, { env: hostEnvironment(receiver, grep), flags: ['--disable-workspace-trust', '--enable-smoke-test-driver'] });
  const { chromium } = await import('playwright-core');
  const browser = await chromium.connect(await startBrowser(lifetime, browserPath));
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const log = [];
  await page.exposeFunction('codeAutomationLog', (type, args) => {
    const line = `${type}: ${args.join(' ')}`;
    if (!MISSING_BY_DESIGN.test(line)) log.push(line);
  });
  const reported = new Promise((resolve) => {
    void page.exposeFunction('codeAutomationExit', (status) => resolve({ status }));
    page.once('crash', () => resolve({ status: 128 }));
    void editor.stopped.then((status) => resolve({ status: status || 128 }));
  });
  await page.goto(testRunUrl(editor.address, { extension: ROOT, tests: HOST_TESTS }), { waitUntil: 'domcontentloaded' });
  const outcome = await Promise.race([reported, sleep(SUITE_LIMIT_MS, { status: 128, timedOut: true }, { ref: false })]);
  await Promise.race([receiver.received(), sleep(2000)]);
  const results = judge(receiver.results, outcome);
  const folder = resultsFolder(editorHost);
  fs.writeFileSync(path.join(folder, 'host.log'), `${log.join('\n')}\n`);
  if (results.failed > 0) {
    await page.screenshot({ path: path.join(folder, 'host-failed.png') }).catch(() => undefined);
    console.log(`  ${path.relative(ROOT, folder)}/host.log has what the extension host wrote`);
  }
  return results;
}

/** Where logs and screenshots of an editor host go. */
function resultsFolder(editorHost) {
  const folder = editorHost === OLDEST ? TEST_RESULTS : path.join(TEST_RESULTS, editorHost.vscode);
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** The packaged extension, packed once in a run. */
let packaged;

/** The interface tests: the packaged extension installed as a user would, and a browser that uses it. */
async function inBrowser(lifetime, editorHost, grep) {
  await ensureEditorHost(editorHost);
  const browserPath = await ensureBrowser();
  packaged ??= await step('packaging the extension', () => packageExtension(lifetime));
  const profile = createProfile(lifetime);
  await installExtension(lifetime, editorHost, profile, packaged);
  const editor = await serve(lifetime, editorHost, profile);
  const session = {
    browser: await startBrowser(lifetime, browserPath),
    url: editor.address,
    screenshots: resultsFolder(editorHost),
  };
  const chosen = grep ? ['--fgrep', grep] : [];
  return mocha(lifetime, ['--no-config', '--require', 'tsx/cjs', '--timeout', '60000', ...chosen, 'test/ui/**/*.test.ts'], { env: { GLANCE_UI_SESSION: JSON.stringify(session) } });
}

/** The main paths on the newest VS Code, where this system runs it. */
function onNewest(run) {
  return async (lifetime) => {
    const reason = whyUnsupported(NEWEST);
    if (!reason) return run(lifetime, NEWEST, ON_NEWEST);
    say(`skipped: ${reason}`);
    return { passed: 0, failed: 0, skipped: 1 };
  };
}

/** The same tests as `host`, in the desktop VS Code where there is one. */
async function desktop(lifetime) {
  const found = findDesktop();
  if (!found) {
    say('skipped: no desktop VS Code ("code" on PATH, and a display)');
    return { passed: 0, failed: 0, skipped: 1 };
  }
  await bundleHostTests();
  const receiver = await receiveResults(lifetime);
  const workspace = path.join(lifetime.temporaryFolder('desktop'), 'examples');
  fs.cpSync(EXAMPLES, workspace, { recursive: true });
  const settings = { program: found.program, development: ROOT, tests: HOST_TESTS, workspace, profile: lifetime.temporaryFolder('profile'), env: hostEnvironment(receiver) };
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
  host: { what: `mocha inside the extension host of VS Code ${OLDEST.vscode}`, run: (lifetime) => inExtensionHost(lifetime, OLDEST) },
  'host-newest': { what: `its main paths on VS Code ${NEWEST.vscode}`, run: onNewest(inExtensionHost) },
  ui: { what: `a browser uses the packaged extension in VS Code ${OLDEST.vscode}`, run: (lifetime) => inBrowser(lifetime, OLDEST) },
  'ui-newest': { what: `its main paths in VS Code ${NEWEST.vscode}`, run: onNewest(inBrowser) },
  desktop: { what: 'mocha inside the desktop VS Code', run: desktop },
};
