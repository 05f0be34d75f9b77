import { earlyPolicy, POLICIES, type EarlyPolicyKind, type ExitPolicy } from './policy';
import { keepPromise, type PromiseTerms } from './promise';

/** What a user can choose, as settings and the command line spell it, the default first. */
export const POLICY_CHOICES = ['promise', ...POLICIES] as const;

/**
 * A user's choice of when texts leave: a promise (see `promise.ts`), or a policy and its threshold. Where a number is not
 * given, the package's recommendation for the task holds.
 */
export type PolicyChoice =
  | { readonly kind: 'promise'; readonly maxDisagreement?: number | undefined }
  | { readonly kind: EarlyPolicyKind; readonly threshold?: number | undefined }
  | { readonly kind: 'full' };

/**
 * The policy that a choice means for a task.
 * @throws {RangeError} with a message for the user when a number does not fit.
 */
export function resolvePolicy(choice: PolicyChoice, terms: PromiseTerms): ExitPolicy {
  if (choice.kind === 'promise') {
    const kept = keepPromise(choice.maxDisagreement, terms);
    return kept.kind === 'early' ? { kind: 'certainty', threshold: kept.certainty } : { kind: 'full' };
  }
  return choice.kind === 'full' ? choice : earlyPolicy(choice.kind, choice.threshold ?? terms.defaults[choice.kind]);
}
