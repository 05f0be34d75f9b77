import type { Decision } from '../exits/decision';
import type { Task } from './task';

/** Whether a decision is worth a mention: its label is not the silent one. */
export function isFinding({ silentLabel }: Task, { label }: Pick<Decision, 'label'>): boolean {
  return label !== silentLabel;
}

/** A label as people read it: "Design debt". A label that only the model package knows is shown as it is. */
export function labelTitle({ labels }: Task, label: string): string {
  return labels[label]?.title ?? label;
}

/** A decision in one line: "Design debt, 93% sure, left at exit 2 of 6". */
export function describeDecision(task: Task, { label, confidence, exit, lastExit }: Pick<Decision, 'label' | 'confidence' | 'exit' | 'lastExit'>): string {
  return `${labelTitle(task, label)}, ${percent(confidence)} sure, left at exit ${exit} of ${lastExit}`;
}

/** A probability in percent, rounded down: nothing below certainty reads as 100%. */
export function percent(probability: number): string {
  return `${Math.floor(probability * 100)}%`;
}
