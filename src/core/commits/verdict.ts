import type { Decision } from '../exits/decision';
import type { CommitMessage } from '../sources/commits/commit-message';
import { labelOfType } from '../tasks/commit-type';
import type { Conventions } from './conventions';

/** Which repositories' messages are checked: all, those that follow Conventional Commits, or none. */
export const COMMIT_CHECKS = ['auto', 'always', 'never'] as const;
export type CommitCheck = (typeof COMMIT_CHECKS)[number];

/** What is to be said of a message: that it lacks a type, which would be the decision's; or that the decision is confident of another than the typed one. */
export type Verdict = 'untyped' | 'mismatch';

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

/** Compares what an author has typed with what the model says. Types that the model does not know are the project's own, and never wrong. */
export function judge(message: CommitMessage, { label, confidence }: Pick<Decision, 'label' | 'confidence'>, terms: VerdictTerms): Verdict | undefined {
  if (!isChecked(message, terms)) {
    return undefined;
  }
  if (!message.header) {
    return 'untyped';
  }
  const typed = labelOfType(message.header.type);
  return typed !== undefined && typed !== label && confidence >= terms.minimumConfidence ? 'mismatch' : undefined;
}
