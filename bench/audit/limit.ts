import { estimateShare, judged, type Judged, type Share } from './estimate';
import type { Audit } from './findings';

/** Limits that a default is chosen from, in percent: those of `glance.comments.minimumConfidence`. */
export const LIMITS = [0, 55, 60, 65, 70, 75, 80, 85, 90, 95] as const;

/** Findings that must have been read for a share of them to say anything about a limit. */
const FEWEST_READ = 20;

/** What a limit leaves. */
export interface LimitOutcome {
  /** In percent. */
  readonly limit: number;
  /** Findings that it leaves of all; nothing where none was read. */
  readonly kept: Share | undefined;
  readonly read: number;
  /** How many of those that it leaves admit debt. */
  readonly debt: Share | undefined;
  /** The same of findings without a keyword, which `grep` has not. */
  readonly withoutKeyword: {
    readonly read: number;
    readonly debt: Share | undefined;
    /** Debt that it leaves of all debt without a keyword. */
    readonly debtKept: Share | undefined;
  };
}

/** What a limit leaves of the findings that were read. @param limit in percent. */
export function outcomeOf(limit: number, all: readonly Judged[]): LimitOutcome {
  const isKept = ({ finding }: Judged): boolean => finding.findingConfidence >= limit / 100;
  const kept = all.filter(isKept);
  const unmarked = all.filter(({ finding }) => !finding.keyword);
  const keptUnmarked = unmarked.filter(isKept);
  return {
    limit,
    kept: shareOf(all, isKept),
    read: kept.length,
    debt: shareOf(kept, ({ debt }) => debt),
    withoutKeyword: {
      read: keptUnmarked.length,
      debt: shareOf(keptUnmarked, ({ debt }) => debt),
      debtKept: shareOf(unmarked.filter(({ debt }) => debt), isKept),
    },
  };
}

/** The share of findings of which something holds, weighted back to all findings; nothing for none. */
export function shareOf(some: readonly Judged[], holds: (one: Judged) => boolean): Share | undefined {
  return estimateShare(some.map((one) => ({ weight: one.weight, holds: holds(one) })));
}

/**
 * The limit that the findings that were read speak for, in percent: the smallest one at which at least half of the findings without a keyword
 * admit debt, as far as 20 of them or more were read. Those with a keyword are nearly all right at any limit.
 * @returns nothing where no limit comes to that.
 */
export function chooseLimit(all: readonly Judged[]): number | undefined {
  return LIMITS.find((limit) => {
    const { read, debt } = outcomeOf(limit, all).withoutKeyword;
    return debt !== undefined && read >= FEWEST_READ && debt.share >= 0.5;
  });
}

/**
 * What `glance.comments.minimumConfidence` is to be where nobody sets it, in percent: what the audit speaks for, if it is of the model package
 * that ships. Another's probabilities are others, so that without an audit nothing is hidden.
 * @param shipped SHA-256 of that package's manifest.
 */
export function defaultLimit({ model, findings, strata }: Audit, shipped: string): number {
  return model.sha256 === shipped ? (chooseLimit(judged(findings, strata)) ?? 0) : 0;
}
