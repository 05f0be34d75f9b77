import type { Backend } from './backend';
import type { Decision } from './exits/decision';
import type { ModelPackage } from './model/model-package';

/** A model package seen without its encoder: exit 0 is the last exit of every task, so that no text goes further. */
export function withoutEncoder(model: ModelPackage): ModelPackage {
  return { ...model, tasks: new Map([...model.tasks].map(([id, task]) => [id, { ...task, heads: [], certaintyHeads: [] }])) };
}

/** The backend of a model package without an encoder. */
export const NO_ENCODER: Backend = {
  name: 'exit-0',
  run: (segment) => Promise.reject(new RangeError(`There is no segment ${segment}: there is no encoder.`)),
  dispose: () => Promise.resolve(),
};

/** Whether exit 0 alone gave a decision, for want of an encoder: the whole model might say otherwise. */
export function isByExitZeroAlone({ engine }: Pick<Decision, 'engine'>): boolean {
  return engine === NO_ENCODER.name;
}
