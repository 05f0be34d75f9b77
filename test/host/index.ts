/** What VS Code runs in its extension host for `extensionTestsPath`: mocha over the tests bundled beside this file. */
import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Runs the tests; resolves when all passed.
 * @throws {Error} when a test failed, which VS Code turns into its exit status
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, forbidOnly: true, reporter: process.env['GLANCE_REPORTER'] ?? 'spec' });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(path.join(__dirname, name));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
