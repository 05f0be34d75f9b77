/** Finds a Chromium-like browser, gets one where the system's package manager can, and runs it for the tests. */
import fs from 'node:fs';
import { run, withLifetime } from './lifetime.mjs';
import { cleanEnvironment, which } from './paths.mjs';
import { SetupProblem, step } from './progress.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const MAC_PLACES = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/** No sandbox (there is none for root in a container), no graphics card, and no host but loopback. */
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

function findBrowser() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!fs.existsSync(named)) throw new SetupProblem(`CHROMIUM_PATH names ${named}, which does not exist.`);
    return named;
  }
  return NAMES.map(which).find(Boolean) ?? MAC_PLACES.find((file) => fs.existsSync(file));
}

/** Debian has Chromium as a plain package; Ubuntu's is a stub for another package manager. */
function isDebian() {
  try {
    return /^ID="?debian"?$/m.test(fs.readFileSync('/etc/os-release', 'utf8')) && which('apt-get') !== undefined;
  } catch {
    return false;
  }
}

/** What to put before a command to run it as root, or undefined where that needs a password. */
async function asRoot(lifetime) {
  if (process.getuid?.() === 0) return [];
  const sudo = which('sudo');
  return sudo && (await run(lifetime, sudo, ['-n', 'true'])).status === 0 ? [sudo, '-n'] : undefined;
}

async function installChromium() {
  await withLifetime(async (lifetime) => {
    const prefix = isDebian() ? await asRoot(lifetime) : undefined;
    if (!prefix) return;
    await step('installing Chromium with apt-get (once, about a minute)', async () => {
      for (const command of [['apt-get', 'update'], ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']]) {
        const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
        const { status, output } = await run(lifetime, program, args);
        if (status !== 0) throw new SetupProblem(`${command.join(' ')} failed:\n${output.trim().split('\n').slice(-8).join('\n')}\nInstall Chromium, Chrome or Edge yourself, or set CHROMIUM_PATH.`);
      }
    });
  });
}

/**
 * The path of a browser; on Debian it is installed when there is none and no password is needed.
 * @throws {SetupProblem} that says how to get one.
 */
export async function ensureBrowser() {
  if (!findBrowser()) await installChromium();
  const browser = findBrowser();
  if (browser) return browser;
  throw new SetupProblem('No browser found. Install Chromium, Chrome or Edge (on Debian: sudo apt-get install chromium; otherwise https://www.google.com/chrome), or set CHROMIUM_PATH to one.');
}

/**
 * Starts the browser without a window until the lifetime ends.
 * @returns {Promise<string>} the address that playwright's `chromium.connect` takes
 */
export async function startBrowser(lifetime, executablePath) {
  const { chromium } = await import('playwright-core');
  const server = await chromium.launchServer({
    executablePath,
    args: FLAGS,
    headless: true,
    host: '127.0.0.1',
    env: cleanEnvironment({ HOME: lifetime.temporaryFolder('browser') }), // crash reports and caches go there
    handleSIGINT: false, // the lifetime ends it
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  lifetime.defer(() => server.close());
  return server.wsEndpoint();
}
