/** `npm run pictures`: puts screenshots that the suite `ui` has taken into media/, for the documents. Look at them before they are committed. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, TEST_RESULTS } from './harness/paths.mjs';
import { SetupProblem, main, say } from './harness/progress.mjs';

/** Pictures of the documents, each with the screenshot that it is. */
const PICTURES = { screenshot: 'hover', findings: 'scan-open', commit: 'commit-mismatch', tune: 'tune-workspace' };

/** Bytes that a picture may have: every clone and every package carries them. */
const LARGEST = 150_000;

await main(async () => {
  for (const [picture, screenshot] of Object.entries(PICTURES)) {
    const source = path.join(TEST_RESULTS, `${screenshot}.png`);
    if (!fs.existsSync(source)) throw new SetupProblem(`There is no ${path.relative(ROOT, source)}: run "npm test -- ui" first.`);
    const { size } = fs.statSync(source);
    if (size > LARGEST) throw new SetupProblem(`${path.relative(ROOT, source)} has ${size} bytes, of ${LARGEST} that a picture may have.`);
    fs.copyFileSync(source, path.join(ROOT, `media/${picture}.png`));
    say(`media/${picture}.png: ${Math.round(size / 1000)} kB`);
  }
  return 0;
});
