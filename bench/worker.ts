/**
 * A process of the bench: does one job and reports to the process that forked it. A job has a process of its own, so that
 * memory and warm code of one way are not another's.
 */
import { readFileSync } from 'node:fs';
import { measureLoad, type Load } from './load';
import { longRun } from './long-run';
import { measure, type Measurement } from './measure';
import { profile } from './profile';
import { measureScan, type ScanParts } from './scan';
import { TARGET_PROMISE, WAYS } from './ways';
import type { Workload } from './workload';

/** What a process is asked to do. Workloads are given by the file that holds them. */
export type Job =
  | { readonly kind: 'measure'; readonly way: string; readonly task: string; readonly first: string; readonly workload: string }
  | { readonly kind: 'scan'; readonly folder: string }
  | { readonly kind: 'profile'; readonly workload: string }
  | { readonly kind: 'load'; readonly workload: string; readonly count: number }
  | { readonly kind: 'long'; readonly workload: string; readonly count: number };

/** What it reports. */
export type Report =
  | { readonly kind: 'first-answer' }
  | { readonly kind: 'memory'; readonly done: number; readonly bytes: number }
  | { readonly kind: 'done'; readonly result: Result };

type Result = Measurement | ScanParts | Load | string | null;

function report(message: Report): void {
  process.send?.(message);
}

async function work(job: Job): Promise<Result> {
  switch (job.kind) {
    case 'measure': {
      const way = WAYS.find(({ name }) => name === job.way);
      if (!way) {
        throw new Error(`There is no way "${job.way}".`);
      }
      return measure(way, job.task, job.first, () => read(job.workload), () => report({ kind: 'first-answer' }));
    }
    case 'scan':
      return measureScan(job.folder);
    case 'profile': {
      const { task, scan } = read(job.workload);
      return profile(task, scan, TARGET_PROMISE);
    }
    case 'load':
      return measureLoad(read(job.workload), job.count);
    case 'long': {
      const { task, scan } = read(job.workload);
      await longRun(task, scan, job.count, (done, bytes) => report({ kind: 'memory', done, bytes }));
      return null;
    }
  }
}

function read(file: string): Workload {
  return JSON.parse(readFileSync(file, 'utf8')) as Workload;
}

work(JSON.parse(process.argv[2] ?? '') as Job).then(
  (result) => process.send?.({ kind: 'done', result } satisfies Report, () => process.exit(0)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
