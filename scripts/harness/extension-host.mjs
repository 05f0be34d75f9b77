/** Runs a script inside the extension host of an editor from npm, with a browser without a window as its user. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBrowser, startBrowser } from './browser.mjs';
import { serve, testRunUrl } from './editor.mjs';
import { ensureEditorHost } from './editor-host.mjs';

/** VS Code's complaints about native modules that the editor host does without: log files, and a watch on its parent. */
const MISSING_BY_DESIGN = /spdlog|native-watchdog/;

/**
 * Runs a script as VS Code's `extensionTestsPath`, to its end.
 * @param editorHost the VS Code
 * @param profile from createProfile
 * @param script.extension the folder of an extension to load
 * @param script.tests the script, bundled as CommonJS, that exports `run`
 * @param options.env variables that it sees
 * @param options.trusted whether the workspace is trusted
 * @returns {Promise<{status: number, timedOut?: boolean, log: string[], page: import('playwright-core').Page}>} how it ended, what VS Code wrote, and the
 * page that shows the editor
 */
export async function runInExtensionHost(lifetime, editorHost, profile, { extension, tests }, { env, trusted = true, timeoutMs }) {
  await ensureEditorHost(editorHost);
  const browserPath = await ensureBrowser();
  // Without the driver, newer versions run no tests. It hides notifications, which the tests in the browser want to see.
  const flags = ['--enable-smoke-test-driver', ...(trusted ? ['--disable-workspace-trust'] : [])];
  const editor = await serve(lifetime, editorHost, profile, { env, flags });
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
  await page.goto(testRunUrl(editor.address, { extension, tests }), { waitUntil: 'domcontentloaded' });
  const outcome = await Promise.race([reported, sleep(timeoutMs, { status: 128, timedOut: true }, { ref: false })]);
  return { ...outcome, log, page };
}
