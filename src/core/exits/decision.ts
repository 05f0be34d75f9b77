import { argmax, entropy } from './distribution';

/** What one exit says of a text. */
export interface ExitAnswer {
  /** Number of the exit: 0 reads the token embeddings alone, k the encoder after its segment k. */
  readonly exit: number;
  readonly label: string;
  /** Calibrated probability of the label. */
  readonly confidence: number;
  /** In nats. */
  readonly entropy: number;
  /** Of every label, in the order of the task's labels. They add up to 1. */
  readonly probabilities: readonly number[];
}

/** The answer for a text, and how it came about. */
export interface Decision {
  readonly label: string;
  readonly confidence: number;
  /** The exit at which the text left. */
  readonly exit: number;
  /** The last exit that it could have left at: the depth of the model. */
  readonly lastExit: number;
  /** Answers of the exits from 0 up to the one taken. */
  readonly trace: readonly ExitAnswer[];
  /** Time spent on this text: its share of each batch that it was part of, in milliseconds. */
  readonly milliseconds: number;
  /** Name of the backend that ran the encoder, whether or not this text reached it. */
  readonly engine: string;
}

/** An exit's answer from its probabilities. */
export function answerOf(exit: number, labels: readonly string[], probabilities: Float64Array): ExitAnswer {
  const best = argmax(probabilities);
  return {
    exit,
    label: labels[best] ?? '',
    confidence: probabilities[best] ?? 0,
    entropy: entropy(probabilities),
    probabilities: [...probabilities],
  };
}
