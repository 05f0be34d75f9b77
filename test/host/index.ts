/** What VS Code runs in its extension host for `extensionTestsPath`: mocha over the tests bundled beside this file. */
import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { guardNetwork } from '../network-guard';

/**
 * Runs the tests; resolves when all passed.
 * @throws {Error} when a test failed or something wanted to leave the machine, which VS Code turns into its exit status
 */
export async function run(): Promise<void> {
  const attempts: string[] = [];
  guardNetwork((what) => attempts.push(what));
  const mocha = new Mocha({ ui: 'bdd', timeout: 150_000, forbidOnly: true, reporter: process.env['GLANCE_REPORTER'] ?? 'spec' });
  mocha.fgrep(process.env['GLANCE_GREP'] ?? '');
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(path.join(__dirname, name));
  }
  mocha.rootHooks({
    afterAll: () => {
      if (attempts.length > 0) throw new Error(`Something in the extension host wanted to leave the machine: ${attempts.join(', ')}`);
    },
  });
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
