import type { Example } from './taught-task';

/** How many of the examples most at odds with the rest are named. */
const SUSPECTS = 10;

/** How good an exit is on examples that its head was trained without. */
export interface ExitEstimate {
  readonly exit: number;
  /** Share of the examples that it answers rightly. */
  readonly accuracy: number;
  /** Where the accuracy on texts like the examples is, with 95% confidence (Wilson 1927). */
  readonly interval: readonly [low: number, high: number];
  /** Mean over the labels of F1, which counts a rare label as much as a common one. */
  readonly macroF1: number;
}

/** An example that the other examples speak against: it may have the wrong label. */
export interface Suspect extends Example {
  /** What it would be by the others. */
  readonly answer: string;
  readonly confidence: number;
}

/** How good a taught task is, as far as its own examples can tell: each was answered by heads trained without it and its like. */
export interface Estimate {
  /** From exit 0 to the last. */
  readonly exits: readonly ExitEstimate[];
  /** Different examples of each label, in the order of the task's labels. */
  readonly labels: readonly { readonly label: string; readonly examples: number; readonly precision: number; readonly recall: number }[];
  /** Examples that are as good as the same text count once for the interval. */
  readonly groups: number;
  /** Accuracy of answering every text with the commonest label. */
  readonly baseline: number;
  /** Examples by their label (row) and the last exit's answer (column). */
  readonly confusion: readonly (readonly number[])[];
  /** Worst first. */
  readonly suspects: readonly Suspect[];
}

/** The answers of an exit to the examples. */
export interface HeldOutAnswers {
  /** [examples][labels]. */
  readonly probabilities: readonly (readonly number[])[];
  /** Index of the label that each example was answered with. */
  readonly answers: readonly number[];
}

/**
 * Estimates how good a task is.
 * @param targets index of each example's label.
 * @param exits the answers of each exit.
 * @param groups how many there are.
 */
export function estimate(examples: readonly Example[], labels: readonly string[], targets: readonly number[], exits: readonly HeldOutAnswers[], groups: number): Estimate {
  const confusions = exits.map(({ answers }) => confusionOf(labels.length, targets, answers));
  const confusion = confusions.at(-1) ?? [];
  const counts = confusion.map(sum);
  return {
    exits: confusions.map((matrix, exit) => {
      const accuracy = sum(matrix.map((row, label) => row[label] ?? 0)) / targets.length;
      const f1 = labels.map((_, label) => {
        const { precision, recall } = scoresOf(matrix, label);
        return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
      });
      return { exit, accuracy, interval: wilson(accuracy, groups), macroF1: sum(f1) / labels.length };
    }),
    labels: labels.map((label, index) => ({ label, examples: counts[index] ?? 0, ...scoresOf(confusion, index) })),
    groups,
    baseline: Math.max(...counts) / targets.length,
    confusion,
    suspects: suspectsOf(examples, labels, targets, exits.at(-1)),
  };
}

/** Whether the last exit is better than always answering the commonest label, with 95% confidence. */
export function beatsBaseline({ exits, baseline }: Pick<Estimate, 'exits' | 'baseline'>): boolean {
  return (exits.at(-1)?.interval[0] ?? 0) > baseline;
}

/**
 * The score interval of a share (Wilson 1927), with 95% confidence.
 * @param total of how many it is a share.
 */
export function wilson(share: number, total: number): [low: number, high: number] {
  const z = 1.959964;
  const centre = share + (z * z) / (2 * total);
  const half = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

function confusionOf(labels: number, targets: readonly number[], answers: readonly number[]): number[][] {
  const matrix = Array.from({ length: labels }, () => Array.from({ length: labels }, () => 0));
  targets.forEach((target, index) => {
    const row = matrix[target] ?? [];
    const answer = answers[index] ?? 0;
    row[answer] = (row[answer] ?? 0) + 1;
  });
  return matrix;
}

function scoresOf(confusion: readonly (readonly number[])[], label: number): { precision: number; recall: number } {
  const right = confusion[label]?.[label] ?? 0;
  const answered = sum(confusion.map((row) => row[label] ?? 0));
  return { precision: answered === 0 ? 0 : right / answered, recall: right / sum(confusion[label] ?? []) };
}

function suspectsOf(examples: readonly Example[], labels: readonly string[], targets: readonly number[], last: HeldOutAnswers | undefined): Suspect[] {
  return examples
    .flatMap((example, index) => {
      const answer = last?.answers[index] ?? 0;
      const probabilities = last?.probabilities[index] ?? [];
      const own = probabilities[targets[index] ?? 0] ?? 0;
      return answer === targets[index] ? [] : [{ own, suspect: { ...example, answer: labels[answer] ?? '', confidence: probabilities[answer] ?? 0 } }];
    })
    .sort((a, b) => a.own - b.own)
    .slice(0, SUSPECTS)
    .map(({ suspect }) => suspect);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
