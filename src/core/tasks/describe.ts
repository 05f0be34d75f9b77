import * as l10n from '@vscode/l10n';
import type { Decision, ExitAnswer } from '../exits/decision';
import type { Task } from './task';

/** Whether a decision is worth a mention: its label is not the silent one. A task without a silent label has no findings. */
export function isFinding({ silentLabel }: Pick<Task, 'silentLabel'>, { label }: Pick<Decision, 'label'>): boolean {
  return silentLabel !== undefined && label !== silentLabel;
}

/**
 * How sure the model is of what people are shown: of a finding, that it is one, whatever its label; of any other answer, of its label. Limits
 * of confidence compare with it.
 */
export function shownConfidence(task: Pick<Task, 'silentLabel'>, answer: Pick<ExitAnswer, 'label' | 'confidence' | 'findingConfidence'>): number {
  return (isFinding(task, answer) ? answer.findingConfidence : undefined) ?? answer.confidence;
}

/** Whether a decision is a finding that the model is sure enough of. @param minimumConfidence from 0 to 1. */
export function isSureFinding(task: Pick<Task, 'silentLabel'>, decision: Pick<Decision, 'label' | 'confidence' | 'findingConfidence'>, minimumConfidence: number): boolean {
  return isFinding(task, decision) && shownConfidence(task, decision) >= minimumConfidence;
}

/** The labels of an answer as people read them: "Design debt", or "What + How". A label that only the model package knows is shown as it is. */
export function answerTitle({ labels }: Pick<Task, 'labels'>, answer: Pick<ExitAnswer, 'labels'>): string {
  return answer.labels.map((label) => labels[label]?.title ?? label).join(' + ');
}

/** A decision in one line: "Design debt, 93% sure, left at exit 2 of 4". */
export function describeDecision(task: Pick<Task, 'labels' | 'silentLabel'>, decision: Pick<Decision, 'label' | 'labels' | 'confidence' | 'findingConfidence' | 'exit' | 'lastExit'>): string {
  const { exit, lastExit } = decision;
  return l10n.t('{0}, {1} sure, left at exit {2} of {3}', answerTitle(task, decision), percent(shownConfidence(task, decision)), exit, lastExit);
}

/** A probability in percent, rounded down: nothing below certainty reads as 100%. */
export function percent(probability: number, digits = 0): string {
  const unit = 10 ** digits;
  return `${(Math.floor(probability * 100 * unit) / unit).toFixed(digits)}%`;
}
