import * as l10n from '@vscode/l10n';
import type { Decision, ExitAnswer } from '../exits/decision';
import type { Task } from './task';

/** Whether a decision is worth a mention: its label is not the silent one. A task without a silent label has no findings. */
export function isFinding({ silentLabel }: Task, { label }: Pick<Decision, 'label'>): boolean {
  return silentLabel !== undefined && label !== silentLabel;
}

/** The labels of an answer as people read them: "Design debt", or "What + How". A label that only the model package knows is shown as it is. */
export function answerTitle({ labels }: Pick<Task, 'labels'>, answer: Pick<ExitAnswer, 'labels'>): string {
  return answer.labels.map((label) => labels[label]?.title ?? label).join(' + ');
}

/** A decision in one line: "Design debt, 93% sure, left at exit 2 of 4". */
export function describeDecision(task: Pick<Task, 'labels'>, decision: Pick<Decision, 'labels' | 'confidence' | 'exit' | 'lastExit'>): string {
  const { confidence, exit, lastExit } = decision;
  return l10n.t('{0}, {1} sure, left at exit {2} of {3}', answerTitle(task, decision), percent(confidence), exit, lastExit);
}

/** A probability in percent, rounded down: nothing below certainty reads as 100%. */
export function percent(probability: number, digits = 0): string {
  const unit = 10 ** digits;
  return `${(Math.floor(probability * 100 * unit) / unit).toFixed(digits)}%`;
}
