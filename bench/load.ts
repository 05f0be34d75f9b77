import { pMapIterable } from 'p-map';
import { quantile } from './statistics';
import { usageOf } from './usage';
import { startEngine, TARGET_PROMISE } from './ways';
import type { Workload } from './workload';

/** Pause between two texts that somebody waits for, in milliseconds. */
const PAUSE = 20;

/** Texts of a request, and requests at the same time: the most that the editor's scan asks for. */
const REQUEST = 200;
const REQUESTS = 8;

/** What a scan does to those who wait for one text meanwhile. Times in milliseconds, memory in bytes. */
export interface Load {
  readonly maxDisagreement: number;
  /** Texts of the scan. */
  readonly texts: number;
  /** 95% of the texts that somebody waited for took no longer, alone and beside the scan. */
  readonly idle: number;
  readonly beside: number;
  /** How many texts somebody waited for beside the scan. */
  readonly asked: number;
  /** Most resident memory of the engine's process that was seen during the scan. */
  readonly memory: number;
}

/**
 * Classifies texts one by one, first alone and then beside a scan, on one engine.
 * @param count texts of the scan: those of the workload over and over, each made different by a number at its end.
 */
export async function measureLoad({ task, warmUp, single, scan }: Workload, count: number): Promise<Load> {
  const processes: number[] = [];
  const engine = startEngine((started) => processes.push(started));
  const policy = { kind: 'promise', maxDisagreement: TARGET_PROMISE } as const;
  const ask = async (text: string): Promise<number> => {
    const start = performance.now();
    await engine.classify({ task, texts: [text], policy });
    const milliseconds = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    return milliseconds;
  };
  try {
    await engine.classify({ task, texts: warmUp, policy, priority: 'scan' });
    const alone: number[] = [];
    for (const text of single) {
      alone.push(await ask(text));
    }
    let isScanning = true;
    const scanned = scanAll(requests(scan, count), (texts) => engine.classify({ task, texts, policy, priority: 'scan' })).finally(() => (isScanning = false));
    const beside: number[] = [];
    let memory = 0;
    while (isScanning) {
      beside.push(await ask(`${single[beside.length % single.length]} ${beside.length}`));
      memory = Math.max(memory, (await usageOf(processes)).memory);
    }
    await scanned;
    return { maxDisagreement: TARGET_PROMISE, texts: count, idle: quantile(alone, 0.95), beside: quantile(beside, 0.95), asked: beside.length, memory };
  } finally {
    await engine.dispose();
  }
}

/** Requests as the editor makes them. */
function* requests(texts: readonly string[], count: number): Generator<readonly string[]> {
  for (let start = 0; start < count; start += REQUEST) {
    yield Array.from({ length: Math.min(REQUEST, count - start) }, (_, index) => `${texts[(start + index) % texts.length]} ${start + index}`);
  }
}

async function scanAll(batches: Iterable<readonly string[]>, classify: (texts: readonly string[]) => Promise<unknown>): Promise<void> {
  for await (const answers of pMapIterable(batches, classify, { concurrency: REQUESTS, backpressure: REQUESTS })) {
    void answers;
  }
}
