import path from 'node:path';
import type { Decision, ExitAnswer } from '../core/exits/decision';
import { TASKS, taskById } from '../core/tasks/tasks';
import { faultOfInput, type TaskInput } from '../core/tasks/task';
import type { Engine, ExecutionProvider } from '../engine/engine';
import { engineFiles } from '../engine/files';
import { startSupervisedEngine } from '../engine/start-engine';

export type { Decision, ExecutionProvider, ExitAnswer, TaskInput };

/** How Glance is to run. */
export interface GlanceOptions {
  /** Folder of another model package than the one that ships. */
  readonly model?: string | undefined;
  /** Where the encoder runs; by default the processor, or a graphics card that is faster. */
  readonly executionProvider?: ExecutionProvider | undefined;
  /** Folder to keep answers in, by hashes of the texts; without one, nothing is kept. */
  readonly cache?: string | undefined;
}

/** How texts are to be classified. */
export interface ClassifyOptions {
  /**
   * Greatest share, from 0 to 1, of findings (of answers, where a task has no findings) that may differ from the full model's; 0 runs the
   * full model. By default what the model package recommends.
   */
  readonly maxDisagreement?: number | undefined;
  /** Gives the answers up. */
  readonly signal?: AbortSignal | undefined;
}

/** A task of the model package. */
export interface GlanceTask {
  readonly id: string;
  readonly labels: readonly string[];
  /** Whether several labels may hold. */
  readonly multiLabel: boolean;
  /** Number of the last exit. */
  readonly lastExit: number;
}

/**
 * Classifies texts on this machine, in a process of its own, which starts with the first request and is replaced when it dies. The process ends
 * with `close`, or with this one; until then it keeps this one alive.
 */
export class Glance {
  private readonly engine: Engine;

  constructor({ model, executionProvider, cache }: GlanceOptions = {}) {
    const files = engineFiles(path.resolve(__dirname, '..'), model === undefined ? undefined : path.resolve(model));
    this.engine = startSupervisedEngine(path.join(__dirname, 'engine.js'), files, { executionProvider, cache: cache === undefined ? undefined : path.resolve(cache) });
  }

  /** The tasks of the model package that Glance knows. Rejects when the package cannot be used. */
  async tasks(): Promise<GlanceTask[]> {
    const { tasks } = await this.engine.describe();
    return tasks.filter(({ id }) => TASKS.some((known) => known.id === id)).map(({ id, labels, multiLabel, lastExit }) => ({ id, labels, multiLabel, lastExit }));
  }

  /**
   * Classifies texts as they are found: comments with their markers, messages with their type.
   * Rejects with a `RangeError` when there is no such task, with a `TypeError` for what is no text, with the signal's reason when it is aborted, and when the model package cannot be used.
   * @param task such as `comment-debt`, `commit-type` or `doc-section`.
   * @returns one decision per text, in order.
   */
  async classify(task: string, texts: readonly (string | TaskInput)[], { maxDisagreement, signal }: ClassifyOptions = {}): Promise<Decision[]> {
    const { id, prepare } = taskById(task);
    return this.engine.classify({ task: id, texts: inputsOf(texts).map(prepare), policy: { kind: 'promise', maxDisagreement } }, signal);
  }

  /** Ends the process. */
  close(): Promise<void> {
    return this.engine.dispose();
  }
}

/** Not every caller is checked by a compiler. @throws {TypeError} for what is no text. */
function inputsOf(texts: readonly (string | TaskInput)[]): TaskInput[] {
  if (!Array.isArray(texts)) {
    throw new TypeError('The texts to classify are a list, as in ["// TODO: a comment"].');
  }
  return texts.map((text: string | TaskInput, index) => {
    const input = typeof text === 'string' ? { text } : text;
    const fault = faultOfInput({ ...input });
    if (fault !== undefined) {
      throw new TypeError(`Text ${index + 1} of ${texts.length} ${fault}: it must be a string, or an object like {"text": "// TODO: a comment"}.`);
    }
    return input;
  });
}
