import { ONE_LABEL } from '../../core/exits/labelling';
import type { ExitPolicy } from '../../core/exits/policy';
import { OFFERED_SHARES } from '../../core/exits/promise';
import type { Task } from '../../core/tasks/task';
import { outcomeOf, type FullyClassified, type Outcome } from '../../core/tuning/outcome';
import { missingTask, promiseHere, type TaskDescription } from '../../engine/engine';
import type { NoSample, Sample, Sampling, TakeSample } from './sample';

/** Texts in one request: after each there is progress, and an end where it was cancelled. */
const TEXTS_AT_A_TIME = 100;

/** A task's texts in the workspace, and what each level would do to their answers. */
export interface Measurement extends Sample {
  readonly lastExit: number;
  /** One per offered share. */
  readonly outcomes: readonly Outcome[];
}

/** How far a measurement has come: texts found or classified, of how many at most. */
export interface Progress {
  readonly step: 'finding' | 'classifying';
  readonly done: number;
  readonly total: number;
}

/**
 * Classifies a sample of the workspace's texts at full depth, from which follows what any level would have answered, and in what time.
 * @throws the signal's reason when it is aborted, and what the engine or the Git extension throws.
 */
export async function measureWorkspace(
  { id, silentLabel }: Task,
  takeSample: TakeSample,
  sampling: Sampling,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Measurement | NoSample> {
  const { engine } = sampling;
  const sample = await takeSample(sampling, signal, (done, total) => onProgress({ step: 'finding', done, total }));
  if ('reason' in sample) {
    return sample;
  }
  const texts: FullyClassified[] = [];
  for (let start = 0; start < sample.texts.length; start += TEXTS_AT_A_TIME) {
    onProgress({ step: 'classifying', done: start, total: sample.texts.length });
    const request = { task: id, texts: sample.texts.slice(start, start + TEXTS_AT_A_TIME).map(({ text }) => text), priority: 'scan', fresh: true } as const;
    texts.push(...(await engine.classify({ ...request, policy: { kind: 'full' } }, signal)));
  }
  const { name, tasks } = await engine.describe(signal);
  const task = tasks.find((described) => described.id === id);
  if (!task) {
    throw missingTask(id, name, tasks.map((described) => described.id));
  }
  // Promises are kept by certainty, which does not ask how many labels may hold.
  const comparison = { labelling: ONE_LABEL, silentLabel };
  return { ...sample, lastExit: task.lastExit, outcomes: OFFERED_SHARES.map((share) => outcomeOf(policyOf(share, task), texts, comparison)) };
}

function policyOf(share: number, task: TaskDescription): ExitPolicy {
  const kept = promiseHere(share, task);
  return kept.kind === 'early' ? { kind: 'certainty', threshold: kept.certainty } : { kind: 'full' };
}
