import { POLICY_CHOICES, type PolicyChoice } from '../../core/exits/policy-choice';
import type { Options, Values } from '../command-line/command';
import { shareOf } from '../command-line/values';
import { UsageError } from '../usage-error';

/** When a text may leave early. */
export const PROMISE_OPTIONS = {
  'max-disagreement': {
    value: 'D',
    help: "the greatest share of findings (of answers, where a task has no findings) that may differ from the full model's, as in 1% or 0.01; 0 runs it in full (default: what the model package recommends)",
  },
  full: { help: 'never leave early (the same as --policy full)' },
} as const satisfies Options;

const GROUP = 'For experts, without --max-disagreement';

/** The same, in an expert's terms. */
export const POLICY_OPTIONS = {
  policy: { value: 'POLICY', offer: POLICY_CHOICES, group: GROUP, help: 'when a text leaves early; see below (default: promise)' },
  threshold: { value: 'X', group: GROUP, help: 'threshold of the policy (default: what the model package recommends)' },
} as const satisfies Options;

/** What the policies do, for the help. */
export const POLICIES_EXPLAINED = `A text leaves at the first exit where, with the policy ...
  promise           --max-disagreement is kept (takes no threshold)
  certainty         the last exit gives the same answer with probability X or more
  entropy           the answer's entropy is below X nats
  max-probability   every part of the answer has probability X or more
  patience          X exits in a row have repeated the answer
  pcee              its entropy and that of the exit before are below X nats
  f-pabee           it has moved less than X nats (Jensen-Shannon) since the exit before
  full              (never)`;

/** @throws {UsageError} for a choice that contradicts itself, or cannot be meant. */
export function policyOf({ full, policy: name = full ? 'full' : 'promise', threshold, 'max-disagreement': maxDisagreement }: Values<typeof PROMISE_OPTIONS & typeof POLICY_OPTIONS>): PolicyChoice {
  const kind = POLICY_CHOICES.find((known) => known === name);
  if (kind === undefined) {
    throw new UsageError(`There is no policy "${name}"; there are ${POLICY_CHOICES.join(', ')}.`);
  }
  if (full && (kind !== 'full' || threshold !== undefined || maxDisagreement !== undefined)) {
    throw new UsageError('--full never leaves early: leave out --max-disagreement, --policy and --threshold.');
  }
  if (kind === 'promise') {
    if (threshold !== undefined) {
      throw new UsageError('--threshold is for a policy of your choice other than promise: name it with --policy, or say --max-disagreement instead.');
    }
    return { kind, maxDisagreement: maxDisagreement === undefined ? undefined : shareOf('--max-disagreement', '1% or 0.01', maxDisagreement) };
  }
  if (maxDisagreement !== undefined) {
    throw new UsageError('--max-disagreement chooses policy and threshold by itself: leave out --policy and --threshold.');
  }
  if (kind === 'full') {
    if (threshold !== undefined) {
      throw new UsageError('--policy full never leaves early: leave out --threshold.');
    }
    return { kind };
  }
  if (threshold !== undefined && (threshold.trim() === '' || Number.isNaN(Number(threshold)))) {
    throw new UsageError(`--threshold must be a number, not "${threshold}".`);
  }
  return { kind, threshold: threshold === undefined ? undefined : Number(threshold) };
}
