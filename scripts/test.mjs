/**
 * `npm test [-- SUITE...]`: sets up what is missing, runs the suites (all, or those named) and adds up their tests.
 * What failed is said once more at the end. The last line is `N passed, N failed`, with `, N skipped` where there are any;
 * the exit status follows it.
 */
import fs from 'node:fs';
import { withLifetime } from './harness/lifetime.mjs';
import { TEST_RESULTS } from './harness/paths.mjs';
import { SetupProblem, main, seconds } from './harness/progress.mjs';
import { SUITES } from './harness/suites.mjs';
import { prepare } from './setup.mjs';

const describe = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** Runs one suite; one that cannot run is one failure, told plainly. */
async function runSuite(name, what, run) {
  const start = Date.now();
  console.log(`\n${name}: ${what}`);
  const counts = await run().catch((error) => {
    const problem = `the suite could not run: ${error instanceof SetupProblem ? error.message : error.stack}`;
    console.log(`  ✘ ${problem}`);
    return { passed: 0, failed: 1, skipped: 0, failures: [problem] };
  });
  console.log(`${name}: ${describe(counts)} (${seconds(start)})`);
  return { ...counts, failures: counts.failures.map((failure) => `${name}: ${failure}`) };
}

const USAGE = `npm test                 every suite
npm test -- SUITE...     some of them:

${Object.entries(SUITES).map(([name, { what }]) => `  ${name.padEnd(13)}${what}`).join('\n')}
`;

function chosenSuites(names) {
  const unknown = names.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown) throw new SetupProblem(`There is no suite "${unknown}"; the suites are ${Object.keys(SUITES).join(', ')}.`);
  return Object.entries(SUITES).filter(([name]) => names.length === 0 || names.includes(name));
}

await main(async () => {
  const names = process.argv.slice(2);
  if (names.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const suites = chosenSuites(names);
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  fs.rmSync(TEST_RESULTS, { recursive: true, force: true });
  fs.mkdirSync(TEST_RESULTS, { recursive: true });
  try {
    await prepare();
    for (const [name, { what, run }] of suites) {
      const counts = await runSuite(name, what, () => withLifetime(run));
      for (const key of Object.keys(total)) total[key] += counts[key];
      failures.push(...counts.failures);
    }
  } catch (error) {
    console.log(`\n${error instanceof SetupProblem ? error.message : error.stack}`);
    total.failed += 1;
  }
  for (const failure of failures) console.log(`\n✘ ${failure}`);
  console.log(`\n${describe(total)}`);
  return total.failed > 0 ? 1 : 0;
});
