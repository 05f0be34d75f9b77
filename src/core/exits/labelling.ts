import { argmax, divergence, entropy, sigmoid, softmax } from './distribution';

/** Probabilities closer than this to 0, or to 0 and 1, are taken for this close, so that their logarithms stay finite. */
const CLOSEST = 1e-12;

/** How many labels of a task hold for a text, and what follows for its probabilities (one per label, in the order of the task's labels). */
export interface Labelling {
  /** @param logits one per label. */
  probabilities(logits: Float32Array, temperature: number): number[];
  /** The answer set: indices of the labels that hold, in order; at least one. */
  answer(probabilities: readonly number[]): number[];
  /** In nats. */
  entropy(probabilities: readonly number[]): number;
  /** Probability of what the answer is least sure of. */
  sureness(probabilities: readonly number[]): number;
  /** Margins to the nearest other answer and to the next one after that: differences of logarithms or logits. */
  margins(probabilities: readonly number[]): readonly [number, number];
  /** How much probability has moved from one exit to the next: 0 to 1. */
  change(before: readonly number[], after: readonly number[]): number;
  /** Jensen-Shannon divergence in nats. */
  divergence(before: readonly number[], after: readonly number[]): number;
}

/** Exactly one label holds. */
export const ONE_LABEL: Labelling = {
  probabilities: softmax,
  answer: (probabilities) => [argmax(probabilities)],
  entropy,
  sureness: (probabilities) => Math.max(...probabilities),
  margins: (probabilities) => {
    // Of two labels, the third has no probability.
    let [first, second, third] = [0, 0, 0];
    for (const p of probabilities) {
      if (p > first) {
        [first, second, third] = [p, first, second];
      } else if (p > second) {
        [second, third] = [p, second];
      } else if (p > third) {
        third = p;
      }
    }
    return [flooredLog(first) - flooredLog(second), flooredLog(first) - flooredLog(third)];
  },
  change: (before, after) => differences(before, after).reduce((sum, difference) => sum + difference, 0) / 2,
  divergence,
};

/**
 * Each label holds or not, whatever the others do. Where none reaches its threshold, the most probable one is the answer.
 * @param thresholds the probability from which a label holds, one per label.
 */
export function severalLabels(thresholds: readonly number[]): Labelling {
  return {
    probabilities: (logits, temperature) => Array.from(logits, (logit) => sigmoid(logit / temperature)),
    answer: (probabilities) => {
      const holding = probabilities.flatMap((p, label) => (p >= (thresholds[label] ?? 1) ? [label] : []));
      return holding.length > 0 ? holding : [argmax(probabilities)];
    },
    entropy: (probabilities) => probabilities.reduce((sum, p) => sum + entropy([p, 1 - p]), 0),
    sureness: (probabilities) => Math.min(...probabilities.map((p) => Math.max(p, 1 - p))),
    margins: (probabilities) => {
      const [first = 0, second = 0] = probabilities.map((p, label) => Math.abs(clampedLogit(p) - clampedLogit(thresholds[label] ?? 1))).sort((a, b) => a - b);
      return [first, second];
    },
    change: (before, after) => mean(differences(before, after)),
    divergence: (before, after) => mean(before.map((p, label) => divergence([p, 1 - p], [after[label] ?? 0, 1 - (after[label] ?? 0)]))),
  };
}

function flooredLog(p: number): number {
  return Math.log(Math.max(p, CLOSEST));
}

function clampedLogit(p: number): number {
  const clamped = Math.min(Math.max(p, CLOSEST), 1 - CLOSEST);
  return Math.log(clamped / (1 - clamped));
}

function differences(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => Math.abs(value - (b[index] ?? 0)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
