import { isSameAnswer, type ExitAnswer } from './decision';
import type { Labelling } from './labelling';

/** Features of an answer that a certainty head reads, before one for each label. */
export const ANSWER_FEATURES = 6;

/** A margin wider than this says nothing more. */
const MAXIMUM_MARGIN = 10;

/**
 * What a certainty head reads to tell whether the last exit will give the same answer (as the meta classifier of Confident
 * Adaptive Transformers does, arXiv 2104.08803): two margins, entropy, length, agreement with the exits before, change since
 * the exit before, and for each label whether it is in the answer.
 * @param earlier answers of the exits before.
 * @param names of the labels.
 * @param tokens of the text, `[CLS]` and `[SEP]` included.
 * @returns {@link ANSWER_FEATURES} numbers, then one per label.
 */
export function certaintyFeatures(answer: ExitAnswer, earlier: readonly ExitAnswer[], names: readonly string[], labelling: Labelling, tokens: number): number[] {
  const before = earlier.at(-1);
  const [nearest, next] = labelling.margins(answer.probabilities);
  const features = [
    clamped(nearest),
    clamped(next),
    answer.entropy,
    Math.log(tokens),
    before ? earlier.filter((other) => isSameAnswer(other, answer)).length / earlier.length : 1,
    before ? labelling.change(before.probabilities, answer.probabilities) : 0,
  ];
  for (const name of names) {
    features.push(answer.labels.includes(name) ? 1 : 0);
  }
  return features;
}

function clamped(margin: number): number {
  return Math.min(Math.max(margin, 0), MAXIMUM_MARGIN);
}
