import * as l10n from '@vscode/l10n';
import { isSameAnswer, type ExitAnswer } from './decision';
import type { Labelling } from './labelling';

/** Names of the policies, as settings, the command line and model packages spell them. */
export const POLICIES = ['certainty', 'entropy', 'max-probability', 'patience', 'pcee', 'f-pabee', 'full'] as const;

/** A policy that lets texts leave early. */
export type EarlyPolicyKind = Exclude<(typeof POLICIES)[number], 'full'>;

/** When a text leaves. `threshold` is a probability, a number of nats or a number of exits: see {@link leaves}. */
export type ExitPolicy = { readonly kind: 'full' } | { readonly kind: EarlyPolicyKind; readonly threshold: number };

/**
 * The early policy with this name and threshold.
 * @throws {RangeError} with a message for the user when the threshold does not fit the policy.
 */
export function earlyPolicy(kind: EarlyPolicyKind, threshold: number): ExitPolicy {
  const [fits, meaning] = rangeOf(kind);
  if (!fits(threshold)) {
    throw new RangeError(l10n.t('The threshold of the {0} policy is {1}: not {2}.', kind, meaning, threshold));
  }
  return { kind, threshold };
}

function rangeOf(kind: EarlyPolicyKind): [fits: (threshold: number) => boolean, meaning: string] {
  switch (kind) {
    case 'certainty':
    case 'max-probability':
      return [(threshold) => threshold > 0 && threshold <= 1, l10n.t('a probability above 0, at most 1')];
    case 'entropy':
    case 'pcee':
      return [(threshold) => threshold >= 0, l10n.t('an entropy in nats, 0 or more (0 = never leave early)')];
    case 'f-pabee':
      return [(threshold) => threshold >= 0, l10n.t('a divergence in nats, 0 or more (0 = never leave early)')];
    case 'patience':
      return [(threshold) => Number.isInteger(threshold) && threshold >= 1, l10n.t('a number of exits that must agree, 1 or more')];
  }
}

/**
 * Whether a text leaves at the exit that answered last. The last exit of all lets every text leave and need not be asked.
 *
 * - `certainty` (Confident Adaptive Transformers, arXiv 2104.08803): the probability that the last exit gives the same answer
 *   reaches the threshold.
 * - `entropy` (DeeBERT, arXiv 2004.12993): the answer's entropy is below the threshold.
 * - `max-probability`: the probability of what the answer is least sure of reaches the threshold.
 * - `patience` (PABEE, arXiv 2006.04152): as many exits in a row as the threshold says have repeated the answer of the one before.
 * - `pcee` (PCEE-BERT, Zhang et al., Findings of NAACL 2022): the entropies of the answer and of the one before are below the threshold.
 * - `f-pabee` (F-PABEE, arXiv 2305.11916): the Jensen-Shannon divergence from the exit before is below the threshold.
 * - `full`: never.
 * @param trace answers from exit 0 on, at least one.
 */
export function leaves(policy: ExitPolicy, trace: readonly ExitAnswer[], labelling: Labelling): boolean {
  const [before, last] = [trace.at(-2), trace.at(-1)];
  if (policy.kind === 'full' || !last) {
    return false;
  }
  const { kind, threshold } = policy;
  switch (kind) {
    case 'certainty':
      return last.certainty !== undefined && last.certainty >= threshold;
    case 'entropy':
      return last.entropy < threshold;
    case 'max-probability':
      return labelling.sureness(last.probabilities) >= threshold;
    case 'patience':
      return trace.length > threshold && trace.slice(-threshold - 1).every((answer) => isSameAnswer(answer, last));
    case 'pcee':
      return before !== undefined && before.entropy < threshold && last.entropy < threshold;
    case 'f-pabee':
      return before !== undefined && labelling.divergence(before.probabilities, last.probabilities) < threshold;
  }
}
