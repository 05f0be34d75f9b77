import { shareInPercent } from '../src/core/exits/promise';
import { glanceName, TARGET_PROMISE, WAYS } from './ways';

const EVERY = 100_000;

/** Texts that are made before they are classified. */
const AT_A_TIME = 10_000;

/**
 * Classifies texts, over and over, and hears of the memory that the process holds. Each text is made different by a number at
 * its end, so that no answer comes from a cache.
 * @param onMemory hears of the number of texts so far and the resident memory in bytes, at the start and every 100,000 texts.
 */
export async function longRun(task: string, texts: readonly string[], count: number, onMemory: (done: number, bytes: number) => void): Promise<void> {
  const way = WAYS.find(({ name }) => name === glanceName(shareInPercent(TARGET_PROMISE)));
  if (!way) {
    throw new Error('The model package does not support a promise of 1%.');
  }
  const classify = await way.open(task);
  await classify(texts.slice(0, 1));
  onMemory(0, process.memoryUsage.rss());
  for (let done = 0; done < count; ) {
    await classify(Array.from({ length: Math.min(AT_A_TIME, count - done) }, (_, index) => `${texts[(done + index) % texts.length]} ${done + index}`));
    done = Math.min(done + AT_A_TIME, count);
    if (done % EVERY === 0 || done === count) {
      onMemory(done, process.memoryUsage.rss());
    }
  }
}
