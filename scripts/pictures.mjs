/** `npm run pictures`: puts screenshots that the suite `ui` has taken into media/, for the documents. Look at them before they are committed. */
import fs from 'node:fs';
import path from 'node:path';
import { encode } from 'modern-gif';
import { PNG } from 'pngjs';
import { ROOT, TEST_RESULTS } from './harness/paths.mjs';
import { SetupProblem, main, say } from './harness/progress.mjs';

/** Pictures of the documents, each with the screenshot that it is. */
const PICTURES = { screenshot: 'hover', findings: 'scan-open', commit: 'commit-mismatch', tune: 'tune-workspace' };

/** The animation of the documents, and what its frames' screenshots are called. */
const [ANIMATION, FRAME] = ['knob.gif', /^knob-(\d+)\.png$/];

/** How long a frame stays, in milliseconds: long enough to read the promise. */
const FRAME_TIME = 2000;

/** Bytes that a picture may have: every clone and every package carries them. */
const LARGEST = 150_000;

/** A GIF of the frames. */
async function animate() {
  const names = fs.readdirSync(TEST_RESULTS).filter((name) => FRAME.test(name)).sort((a, b) => FRAME.exec(a)[1] - FRAME.exec(b)[1]);
  const frames = names.map((name) => PNG.sync.read(fs.readFileSync(path.join(TEST_RESULTS, name))));
  const [{ width, height }] = frames;
  return Buffer.from(await encode({ width, height, maxColors: 64, frames: frames.map(({ data }) => ({ data: new Uint8ClampedArray(data), delay: FRAME_TIME })) }));
}

/** Puts a picture into media/. */
function put(name, bytes) {
  if (bytes.length > LARGEST) throw new SetupProblem(`${name} has ${bytes.length} bytes, of ${LARGEST} that a picture may have.`);
  fs.writeFileSync(path.join(ROOT, 'media', name), bytes);
  say(`media/${name}: ${Math.round(bytes.length / 1000)} kB`);
}

await main(async () => {
  for (const screenshot of [...Object.values(PICTURES), 'knob-0']) {
    const source = path.join(TEST_RESULTS, `${screenshot}.png`);
    if (!fs.existsSync(source)) throw new SetupProblem(`There is no ${path.relative(ROOT, source)}: run "npm test -- ui" first.`);
  }
  for (const [picture, screenshot] of Object.entries(PICTURES)) {
    put(`${picture}.png`, fs.readFileSync(path.join(TEST_RESULTS, `${screenshot}.png`)));
  }
  put(ANIMATION, await animate());
  return 0;
});
