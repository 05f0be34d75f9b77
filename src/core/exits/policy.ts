import type { ExitAnswer } from './decision';

/** When a text leaves. `threshold` is in nats for entropy, and a number of exits for patience. */
export type ExitPolicy =
  | { readonly kind: 'full' }
  | { readonly kind: 'entropy'; readonly threshold: number }
  | { readonly kind: 'patience'; readonly threshold: number };

/** Names of the policies, as settings and the command line spell them. */
export const POLICIES = ['entropy', 'patience', 'full'] as const;

/**
 * The policy with this name and threshold.
 * @throws {RangeError} with a message for the user when the threshold does not fit the policy.
 */
export function exitPolicy(kind: ExitPolicy['kind'], threshold: number): ExitPolicy {
  switch (kind) {
    case 'full':
      return { kind };
    case 'entropy':
      if (!(threshold >= 0)) {
        throw new RangeError(`The threshold of the entropy policy is an entropy in nats, 0 or more (0 = never leave early): not ${threshold}.`);
      }
      return { kind, threshold };
    case 'patience':
      if (!Number.isInteger(threshold) || threshold < 1) {
        throw new RangeError(`The threshold of the patience policy is a number of exits that must agree, 1 or more: not ${threshold}.`);
      }
      return { kind, threshold };
  }
}

/**
 * Whether a text leaves at the exit that answered last. The last exit of all lets every text leave and need not be asked.
 *
 * - `entropy` (DeeBERT, arXiv 2004.12993): the last answer's entropy is below the threshold.
 * - `patience` (PABEE, arXiv 2006.04152): as many exits in a row as the threshold says have repeated the label of the one before.
 * - `full`: never.
 * @param trace answers from exit 0 on, at least one.
 */
export function leaves(policy: ExitPolicy, trace: readonly ExitAnswer[]): boolean {
  const last = trace.at(-1);
  switch (policy.kind) {
    case 'full':
      return false;
    case 'entropy':
      return last !== undefined && last.entropy < policy.threshold;
    case 'patience':
      return trace.length > policy.threshold && trace.slice(-policy.threshold - 1).every(({ label }) => label === last?.label);
  }
}
