import { isSameAnswer, type Decision, type ExitAnswer } from '../exits/decision';
import type { Labelling } from '../exits/labelling';
import { leaves, type ExitPolicy } from '../exits/policy';
import { trialsToShow, upperBound } from './binomial';

/** The confidence of what is said of texts beyond a sample. */
const CONFIDENCE = 0.95;

/** A text that every exit has answered, and when: a decision at full depth. */
export type FullyClassified = Pick<Decision, 'trace' | 'exitMilliseconds'>;

/** How a task's answers are compared. */
export interface Comparison {
  readonly labelling: Labelling;
  /** The label of texts that are no finding; without one, what users see is every answer. */
  readonly silentLabel: string | undefined;
}

/** How an answer would differ from the full model's. Without a silent label every change is a relabelling. */
export type ChangeKind = 'added' | 'lost' | 'relabelled';

/** A text whose answer would differ. */
export interface Change {
  /** Of the text in the sample. */
  readonly index: number;
  readonly kind: ChangeKind;
  /** The answer with which the text would leave. */
  readonly early: ExitAnswer;
  /** The full model's. */
  readonly full: ExitAnswer;
}

/** What a policy would do to a sample of texts. */
export interface Outcome {
  /** How many texts the full model shows something on: findings, or all of them. */
  readonly seen: number;
  readonly changes: readonly Change[];
  /** Texts that differ, per text on which the full model shows something: what a promise limits. Above 1 where most are additions. */
  readonly share: number;
  /** Upper bound of `share` for texts like these, with {@link CONFIDENCE}. Infinite where the sample says nothing. */
  readonly highest: number;
  readonly meanExit: number;
  /** Mean time of a text, in milliseconds. */
  readonly milliseconds: number;
}

/** The exit at which a text leaves whose every exit has answered. */
export function exitTaken(policy: ExitPolicy, trace: readonly ExitAnswer[], labelling: Labelling): number {
  const last = trace.length - 1;
  const early = trace.findIndex((_, exit) => exit < last && leaves(policy, trace.slice(0, exit + 1), labelling));
  return early < 0 ? last : early;
}

/** What a policy would do to texts that were classified at full depth. */
export function outcomeOf(policy: ExitPolicy, texts: readonly FullyClassified[], { labelling, silentLabel }: Comparison): Outcome {
  const isSilent = ({ label }: ExitAnswer): boolean => label === silentLabel;
  const changes: Change[] = [];
  let [seen, exits, milliseconds] = [0, 0, 0];
  texts.forEach(({ trace, exitMilliseconds }, index) => {
    const exit = exitTaken(policy, trace, labelling);
    const [early, full] = [trace[exit], trace.at(-1)];
    if (!early || !full) {
      return;
    }
    exits += exit;
    milliseconds += exitMilliseconds[exit] ?? 0;
    seen += isSilent(full) ? 0 : 1;
    if (!isSameAnswer(early, full)) {
      changes.push({ index, kind: isSilent(full) ? 'added' : isSilent(early) ? 'lost' : 'relabelled', early, full });
    }
  });
  const added = changes.filter(({ kind }) => kind === 'added').length;
  return {
    seen,
    changes,
    share: changes.length / Math.max(1, seen),
    highest: perSeen(upperBound(changes.length, seen + added, CONFIDENCE), silentLabel),
    meanExit: exits / texts.length,
    milliseconds: milliseconds / texts.length,
  };
}

/** How many texts on which the full model shows something it takes to show that a share is kept, if none of them differs. */
export function sampleToShow(share: number, silentLabel: string | undefined): number {
  return trialsToShow(silentLabel === undefined ? share : share / (1 + share), CONFIDENCE);
}

/**
 * A rate of changes among texts on which either model shows something, as a share of those of the full model. It is highest where
 * all changes are additions, which is allowed for, as in training's `promise.py`.
 */
function perSeen(rate: number, silentLabel: string | undefined): number {
  return silentLabel === undefined ? rate : rate / (1 - rate);
}
