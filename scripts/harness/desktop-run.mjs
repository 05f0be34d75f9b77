/** Starts the desktop VS Code on the bundled tests; a process of its own, so that it can be ended with the editor. */
import { runTests } from '@vscode/test-electron';

const { program, development, tests, workspace, profile, env } = JSON.parse(process.argv[2]);
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
process.exitCode = await runTests({
  vscodeExecutablePath: program,
  extensionDevelopmentPath: development,
  extensionTestsPath: tests,
  extensionTestsEnv: env,
  launchArgs: [workspace, '--user-data-dir', profile, '--disable-extensions', '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', ...asRoot],
});
