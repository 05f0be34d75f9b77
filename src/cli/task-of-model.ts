import { describePromise, keepPromise } from '../core/exits/promise';
import { missingTask, type Engine, type TaskDescription } from '../engine/engine';
import { note } from './output';
import type { ClassifyOptions } from './usage';

/**
 * The model's side of the task that was asked for. Where the model cannot keep a promise by leaving early, or keeps a stricter one, it is told.
 * @throws {RangeError} with a message for the user when the model has no such task.
 */
export async function taskOfModel({ task, policy }: Pick<ClassifyOptions, 'task' | 'policy'>, engine: Engine): Promise<TaskDescription> {
  const { name, tasks } = await engine.describe();
  const found = tasks.find(({ id }) => id === task.id);
  if (!found) {
    throw missingTask(task.id, name, tasks.map(({ id }) => id));
  }
  if (policy.kind === 'promise') {
    const kept = keepPromise(policy.maxDisagreement, found);
    const isLess = kept.kind === 'early' && policy.maxDisagreement !== undefined && kept.maxDisagreement < policy.maxDisagreement;
    if (kept.kind === 'unsupported' || isLess) {
      note(describePromise(kept));
    }
  }
  return found;
}
