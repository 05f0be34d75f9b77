import { describePromise } from '../../core/exits/promise';
import { beatsBaseline } from '../../core/teach/estimate';
import { describeEstimate, verdict } from '../../core/teach/report';
import type { TaughtTask } from '../../core/teach/taught-task';
import { describeDegradation, missingTask, promiseHere, type Engine, type TaskDescription } from '../../engine/engine';
import { note } from '../output';
import type { ClassifyOptions } from './options';

/**
 * The model's side of the task that was asked for. Where the model cannot keep a promise by leaving early, or keeps a stricter one, it
 * is told, and so is a backend that is not the one meant, and a taught task that is not to be relied on.
 * @throws {RangeError} with a message for the user when the model has no such task, or it has too few examples.
 */
export async function taskOfModel({ task, taught, policy }: Pick<ClassifyOptions, 'task' | 'taught' | 'policy'>, engine: Engine): Promise<TaskDescription> {
  const model = await engine.describe();
  const found = taught ? await teach(taught, engine) : model.tasks.find(({ id }) => id === task.id);
  if (!found) {
    throw missingTask(task.id, model.name, model.tasks.map(({ id }) => id));
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

async function teach(taught: TaughtTask, engine: Engine): Promise<TaskDescription> {
  const { task, estimate } = await engine.teach(taught);
  if (!beatsBaseline(estimate)) {
    note(`${taught.title}: ${verdict(estimate)} ${describeEstimate(estimate)}`);
  }
  return task;
}
