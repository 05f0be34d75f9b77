import { shareInPercent } from '../src/core/exits/promise';
import { usageOf } from './usage';
import { glanceName, TARGET_PROMISE, WAYS } from './ways';

/** Texts that are made before they are classified. */
const AT_A_TIME = 10_000;

/** How often the memory is looked at in a run. */
const LOOKS = 10;

/**
 * Classifies texts, over and over, and hears of the memory that the engine's process holds. Each text is made different by a number
 * at its end, so that no answer comes from a cache.
 * @param onMemory hears of the number of texts so far and the resident memory in bytes, at the start and every so many texts.
 */
export async function longRun(task: string, texts: readonly string[], count: number, onMemory: (done: number, bytes: number) => void): Promise<void> {
  const way = WAYS.find(({ name }) => name === glanceName(shareInPercent(TARGET_PROMISE)));
  if (!way) {
    throw new Error('The model package does not support a promise of 1%.');
  }
  const engines: number[] = [];
  const classify = await way.open(task, (started) => engines.push(started));
  await classify(texts.slice(0, 1));
  const look = async (done: number): Promise<void> => onMemory(done, (await usageOf(engines)).memory);
  await look(0);
  const every = Math.max(AT_A_TIME, count / LOOKS);
  for (let done = 0; done < count; ) {
    await classify(Array.from({ length: Math.min(AT_A_TIME, count - done) }, (_, index) => `${texts[(done + index) % texts.length]} ${done + index}`));
    done = Math.min(done + AT_A_TIME, count);
    if (done % every === 0 || done === count) {
      await look(done);
    }
  }
}
