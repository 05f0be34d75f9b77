import type { Labelling } from './labelling';

/** What one exit says of a text. */
export interface ExitAnswer {
  /** Number of the exit: 0 reads the token embeddings alone, k the encoder after its segment k. */
  readonly exit: number;
  /** The most probable of the labels that hold. */
  readonly label: string;
  /** The labels that hold, in the order of the task's labels: `label` alone, unless several may hold. */
  readonly labels: readonly string[];
  /** Calibrated probability of `label`. */
  readonly confidence: number;
  /** See {@link findingConfidence}: of tasks that have findings. */
  readonly findingConfidence?: number;
  /** Probability that the last exit gives the same answer. The last exit has none. */
  readonly certainty?: number;
  /** In nats. */
  readonly entropy: number;
  /** Of every label, in the order of the task's labels. They add up to 1 where exactly one label holds. */
  readonly probabilities: readonly number[];
}

/** The answer for a text, and how it came about. */
export interface Decision {
  readonly label: string;
  readonly labels: readonly string[];
  readonly confidence: number;
  readonly findingConfidence?: number;
  /** The exit at which the text left. */
  readonly exit: number;
  /** The last exit that it could have left at: the depth of the model. */
  readonly lastExit: number;
  /** Answers of the exits from 0 up to the one taken. */
  readonly trace: readonly ExitAnswer[];
  /** Time spent on this text: its share of each batch that it was part of, in milliseconds. */
  readonly milliseconds: number;
  /** The part of that time up to the answer of each exit in `trace`. */
  readonly exitMilliseconds: readonly number[];
  /** Name of the backend that ran the encoder, whether or not this text reached it. */
  readonly engine: string;
}

/**
 * An exit's answer from its probabilities.
 * @param names of the labels.
 * @param silentLabel of texts that are no finding, where the task has one.
 */
export function answerOf(exit: number, names: readonly string[], labelling: Labelling, probabilities: readonly number[], silentLabel?: string): ExitAnswer {
  const holding = labelling.answer(probabilities);
  // A label may be more probable and not hold: each has a threshold of its own.
  const best = holding.reduce((first, label) => ((probabilities[label] ?? 0) > (probabilities[first] ?? 0) ? label : first));
  return {
    exit,
    label: names[best] ?? '',
    labels: holding.map((label) => names[label] ?? ''),
    confidence: probabilities[best] ?? 0,
    ...(silentLabel !== undefined && { findingConfidence: findingConfidence(names, probabilities, silentLabel) }),
    entropy: labelling.entropy(probabilities),
    probabilities,
  };
}

/**
 * How sure an exit is that a text is a finding, of whatever label: the calibrated probability that the silent label does not hold. What kind
 * of finding it is may be uncertain all the same, so that no label need be as probable. Where exactly one label holds, a finding has 0.5 or more.
 * @param names of the labels.
 * @param probabilities of every label, in the order of `names`.
 */
export function findingConfidence(names: readonly string[], probabilities: readonly number[], silentLabel: string): number {
  return 1 - (probabilities[names.indexOf(silentLabel)] ?? 0);
}

/** Whether two answers, of exits or of decisions, are the same: the same labels hold. */
export function isSameAnswer(a: Pick<ExitAnswer, 'labels'>, b: Pick<ExitAnswer, 'labels'>): boolean {
  return a.labels.length === b.labels.length && a.labels.every((label, index) => label === b.labels[index]);
}
