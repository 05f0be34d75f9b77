import { median, quantile } from './statistics';
import { usageOf } from './usage';
import type { Answer, Way } from './ways';
import { everyNth, type Workload } from './workload';

/** Texts of the warm-up that are timed, too. */
export const EARLY_TEXTS = 200;

/** What one process of a way measures. Times in milliseconds, memory in bytes. */
export interface Measurement {
  /** From the start of the engine's process to its first answer, where the way has one; else who started this process knows. */
  readonly start: number | undefined;
  /** One text at a time: the median of the first of the process, before code that is called often is compiled, and others when the warm-up is done. */
  readonly early: number;
  readonly single: { readonly p50: number; readonly p95: number };
  readonly selection: number;
  readonly file: number;
  readonly textsPerSecond: number;
  /** Processor time, also of this process, over time during the scan: the threads that the way really kept busy. */
  readonly busyThreads: number;
  /** Resident memory after the first answer, and after the scan: of the engine's processes, where the way has them, else of this one. */
  readonly memoryLoaded: number;
  readonly memoryScanned: number;
  /** For every text of the scan that was measured. */
  readonly answers: readonly Answer[];
}

/**
 * Loads a way, and measures it.
 * @param first the first text to classify.
 * @param readWorkload is called after that: it would take its time from the start.
 * @param onFirstAnswer is called when the first text is classified: whoever started the process knows how long that took.
 */
export async function measure(way: Way, task: string, first: string, readWorkload: () => Workload, onFirstAnswer: () => void): Promise<Measurement> {
  const engines: number[] = [];
  const opened = performance.now();
  const classify = await way.open(task, (started) => engines.push(started));
  await classify([first]);
  onFirstAnswer();
  const start = engines.length > 0 ? performance.now() - opened : undefined;
  const resident = async (): Promise<number> => (await usageOf(engines.length > 0 ? engines : [process.pid])).memory;
  const memoryLoaded = await resident();
  const workload = readWorkload();
  const timed = async (texts: readonly string[]): Promise<number> => {
    const start = performance.now();
    await classify(texts);
    return performance.now() - start;
  };
  const times = async (lists: readonly (readonly string[])[]): Promise<number[]> => {
    const found: number[] = [];
    for (const texts of lists) {
      found.push(await timed(texts));
    }
    return found;
  };
  const oneByOne = (texts: readonly string[]): Promise<number[]> => times(texts.map((text) => [text]));
  const early = median(await oneByOne(workload.warmUp.slice(0, EARLY_TEXTS)));
  const rest = workload.warmUp.slice(EARLY_TEXTS);
  // At once, so that a way with several engines opens them; then one by one, as the single texts are measured.
  await Promise.all([classify(rest.slice(0, EARLY_TEXTS)), classify(rest.slice(0, EARLY_TEXTS))]);
  await oneByOne(rest);
  // And all at once, as the scan: what a batch goes through is compiled, too.
  await classify(rest);
  const single = await oneByOne(workload.single);
  const selection = median(await times(workload.selections));
  const file = median(await times(workload.files));

  const scanned = everyNth(workload.scan, way.step);
  const before = await usageOf([process.pid, ...engines]);
  const scanning = performance.now();
  const answers = await classify(scanned);
  const milliseconds = performance.now() - scanning;
  const after = await usageOf([process.pid, ...engines]);
  return {
    start,
    early,
    single: { p50: median(single), p95: quantile(single, 0.95) },
    selection,
    file,
    textsPerSecond: (1000 * scanned.length) / milliseconds,
    busyThreads: (after.processor - before.processor) / milliseconds,
    memoryLoaded,
    memoryScanned: await resident(),
    answers,
  };
}
