import { ONE_LABEL } from '../../core/exits/labelling';
import type { ExitPolicy } from '../../core/exits/policy';
import { OFFERED_SHARES } from '../../core/exits/promise';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { outcomeOf, type FullyClassified, type Outcome } from '../../core/tuning/outcome';
import { promiseHere, type TaskDescription } from '../../engine/engine';
import { sampleComments, type Sample, type Sampling } from './workspace-comments';

/** Texts in one request: after each there is progress, and an end where it was cancelled. */
const TEXTS_AT_A_TIME = 100;

/** The workspace's comments, and what each level would do to them. */
export interface Measurement extends Sample {
  readonly lastExit: number;
  /** One per offered share. */
  readonly outcomes: readonly Outcome[];
}

/** How far a measurement has come: comments found or classified, of how many at most. */
export interface Progress {
  readonly step: 'finding' | 'classifying';
  readonly done: number;
  readonly total: number;
}

/**
 * Classifies a sample of the workspace's comments at full depth, from which follows what any level would have answered, and in what time.
 * @throws the signal's reason when it is aborted, and what the engine throws.
 */
export async function measureWorkspace(sampling: Sampling, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Measurement> {
  const { engine } = sampling;
  const sample = await sampleComments(sampling, signal, (done, total) => onProgress({ step: 'finding', done, total }));
  const texts: FullyClassified[] = [];
  for (let start = 0; start < sample.comments.length; start += TEXTS_AT_A_TIME) {
    onProgress({ step: 'classifying', done: start, total: sample.comments.length });
    const request = { task: COMMENT_DEBT.id, texts: sample.comments.slice(start, start + TEXTS_AT_A_TIME).map(({ text }) => text), priority: 'scan', fresh: true } as const;
    texts.push(...(await engine.classify({ ...request, policy: { kind: 'full' } }, signal)));
  }
  const task = (await engine.describe(signal)).tasks.find(({ id }) => id === COMMENT_DEBT.id);
  const comparison = { labelling: ONE_LABEL, silentLabel: COMMENT_DEBT.silentLabel };
  const outcomes = task && texts.length > 0 ? OFFERED_SHARES.map((share) => outcomeOf(policyOf(share, task), texts, comparison)) : [];
  return { ...sample, lastExit: task?.lastExit ?? 0, outcomes };
}

function policyOf(share: number, task: TaskDescription): ExitPolicy {
  const kept = promiseHere(share, task);
  return kept.kind === 'early' ? { kind: 'certainty', threshold: kept.certainty } : { kind: 'full' };
}
