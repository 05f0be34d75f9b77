import { isSameAnswer, type Decision } from '../../core/exits/decision';
import type { PolicyChoice } from '../../core/exits/policy-choice';
import { promiseHere, type Engine, type ModelDescription, type TaskDescription } from '../../engine/engine';
import type { KeptPromise } from '../../core/exits/promise';
import { sampleTexts } from '../sample-texts';

/** How often every text is classified by each policy, at most and while there is time. */
const ROUNDS = 5;

/** When no further round is begun, in milliseconds. */
const PATIENCE = 5000;

/** What an answer costs that leaves at an exit. */
export interface ExitCost {
  readonly exit: number;
  /** Milliseconds for a text by itself. */
  readonly p50: number;
  readonly p95: number;
  /** Answers that these are of. */
  readonly answers: number;
}

/** What a task costs on this machine, and what its promise is worth on the sample. */
export interface TaskMeasurement {
  readonly task: string;
  readonly texts: number;
  readonly exits: readonly ExitCost[];
  readonly promise: KeptPromise;
  /** Of all texts together, with what the promise allows, and at full depth. */
  readonly textsPerSecond: { readonly promise: number; readonly full: number };
  readonly meanExit: number;
  /** Texts with the answer of full depth. */
  readonly agreeing: number;
}

/** What was measured. */
export interface Measurement {
  readonly model: ModelDescription;
  /** From the start of this process to the first answer, in milliseconds. */
  readonly firstAnswer: number;
  readonly tasks: readonly TaskMeasurement[];
  /** Resident memory of this process after all of it, in bytes. */
  readonly memory: number;
}

/** Measures an engine that runs in this process and has not answered yet. */
export async function measure(engine: Engine): Promise<Measurement> {
  const model = await engine.describe();
  const tasks: TaskMeasurement[] = [];
  let firstAnswer = NaN;
  const known = model.tasks.filter(({ id }) => sampleTexts(id).length > 0);
  const deadline = performance.now() + PATIENCE * known.length;
  for (const [index, task] of known.entries()) {
    const texts = sampleTexts(task.id);
    await engine.classify({ task: task.id, texts: texts.slice(0, 1), policy: { kind: 'promise' } });
    firstAnswer = index === 0 ? performance.now() : firstAnswer;
    tasks.push(await measureTask(engine, task, texts, deadline - PATIENCE * (known.length - 1 - index)));
  }
  return { model, firstAnswer, tasks, memory: process.memoryUsage.rss() };
}

async function measureTask(engine: Engine, task: TaskDescription, texts: readonly string[], deadline: number): Promise<TaskMeasurement> {
  const classify = async (policy: PolicyChoice, some: readonly string[]): Promise<{ decisions: Decision[]; milliseconds: number }> => {
    const start = performance.now();
    // By itself, a text is what somebody waits for; many of them are a scan.
    const decisions = await engine.classify({ task: task.id, texts: some, policy, priority: some.length === 1 ? 'interactive' : 'scan', fresh: true });
    return { decisions, milliseconds: performance.now() - start };
  };
  const promised: PolicyChoice = { kind: 'promise' };
  const full: PolicyChoice = { kind: 'full' };
  const [byPromise, atFullDepth] = [(await classify(promised, texts)).decisions, (await classify(full, texts)).decisions];

  // Texts leave at every exit by one or another of these.
  const policies: PolicyChoice[] = [{ kind: 'max-probability', threshold: Number.MIN_VALUE }, ...Array.from({ length: task.lastExit }, (_, index): PolicyChoice => ({ kind: 'patience', threshold: index + 1 })), full];
  const times = new Map<number, number[]>();
  const spent = { promise: [] as number[], full: [] as number[] };
  for (let round = 0; round < ROUNDS && (round === 0 || performance.now() < deadline); round += 1) {
    for (const policy of policies) {
      for (const text of texts) {
        const { decisions: [decision], milliseconds } = await classify(policy, [text]);
        const exit = decision?.exit ?? 0;
        times.set(exit, [...(times.get(exit) ?? []), milliseconds]);
      }
    }
    spent.promise.push((await classify(promised, texts)).milliseconds);
    spent.full.push((await classify(full, texts)).milliseconds);
  }
  return {
    task: task.id,
    texts: texts.length,
    exits: [...times].sort(([a], [b]) => a - b).map(([exit, all]) => ({ exit, p50: quantile(all, 0.5), p95: quantile(all, 0.95), answers: all.length })),
    promise: promiseHere(undefined, task),
    textsPerSecond: { promise: (1000 * texts.length) / quantile(spent.promise, 0.5), full: (1000 * texts.length) / quantile(spent.full, 0.5) },
    meanExit: byPromise.reduce((sum, { exit }) => sum + exit, 0) / texts.length,
    agreeing: byPromise.filter((decision, index) => isSameAnswer(decision, atFullDepth[index] ?? { labels: [] })).length,
  };
}

/** The value that this share of all values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? NaN;
}
