import * as l10n from '@vscode/l10n';
import type { Decision } from '../exits/decision';
import type { CommitMessage } from '../sources/commits/commit-message';
import { COMMIT_TYPE, labelOfType } from '../tasks/commit-type';
import { describeDecision } from '../tasks/describe';
import type { Conventions } from './conventions';

/** Which repositories' messages are checked: all, those that follow Conventional Commits, or none. */
export const COMMIT_CHECKS = ['auto', 'always', 'never'] as const;
export type CommitCheck = (typeof COMMIT_CHECKS)[number];

/** What is to be said of a message: that it lacks a type, which would be the decision's; or that the decision is confident of another than the typed one. */
export type Verdict = 'untyped' | 'mismatch';

/** Confidence from 0 to 1 that contradicts an author, unless another is set: high, since projects disagree on types, and a wrong warning annoys more than a missing one. */
export const MINIMUM_CONFIDENCE = 0.85;

/** What a verdict depends on besides the message. */
export interface VerdictTerms {
  readonly check: CommitCheck;
  /** Nothing where a repository has no history, or none that can be read. */
  readonly conventions: Conventions | undefined;
  /** Confidence from 0 to 1 that contradicts an author. */
  readonly minimumConfidence: number;
}

/** Whether messages are to be checked at all. Where the history tells nothing, a message that has a type is taken for a project's way. */
export function isChecked({ header }: CommitMessage, { check, conventions }: Pick<VerdictTerms, 'check' | 'conventions'>): boolean {
  return check === 'always' || (check === 'auto' && (conventions?.conventional ?? header !== undefined));
}

/**
 * Compares what an author has typed with what the model says. Types that the model does not know are the project's own, and never wrong.
 * @param decision nothing where the message says too little for one.
 */
export function judge(message: CommitMessage, decision: Pick<Decision, 'label' | 'confidence'> | undefined, terms: VerdictTerms): Verdict | undefined {
  if (!isChecked(message, terms)) {
    return undefined;
  }
  if (!message.header) {
    return 'untyped';
  }
  const typed = labelOfType(message.header.type);
  return decision && typed !== undefined && typed !== decision.label && decision.confidence >= terms.minimumConfidence ? 'mismatch' : undefined;
}

/** A verdict in one line, for the author. */
export function describeVerdict(verdict: Verdict, { header }: CommitMessage, decision: Decision): string {
  const described = describeDecision(COMMIT_TYPE, decision);
  return verdict === 'mismatch'
    ? l10n.t('Typed as "{0}", but reads like {1}: {2}', header?.type ?? '', decision.label, described)
    : l10n.t('No type yet; reads like {0}: {1}', decision.label, described);
}
