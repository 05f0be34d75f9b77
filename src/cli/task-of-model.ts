import { describePromise } from '../core/exits/promise';
import { describeDegradation, missingTask, promiseHere, type Engine, type TaskDescription } from '../engine/engine';
import { note } from './output';
import type { ClassifyOptions } from './usage';

/**
 * The model's side of the task that was asked for. Where the model cannot keep a promise by leaving early, or keeps a stricter one, it
 * is told, and so is a backend that is not the one meant.
 * @throws {RangeError} with a message for the user when the model has no such task.
 */
export async function taskOfModel({ task, policy }: Pick<ClassifyOptions, 'task' | 'policy'>, engine: Engine): Promise<TaskDescription> {
  const model = await engine.describe();
  const { name, tasks } = model;
  const found = tasks.find(({ id }) => id === task.id);
  if (!found) {
    throw missingTask(task.id, name, tasks.map(({ id }) => id));
  }
  if (model.degraded) {
    note(describeDegradation(model));
  }
  if (policy.kind === 'promise') {
    const kept = promiseHere(policy.maxDisagreement, found);
    const isStricter = kept.kind === 'early' && policy.maxDisagreement !== undefined && kept.maxDisagreement < policy.maxDisagreement;
    if (kept.kind === 'unsupported' || kept.kind === 'no-encoder' || isStricter) {
      note(describePromise(kept));
    }
  }
  return found;
}
