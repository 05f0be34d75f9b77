import type { ReadFinding, Stratum } from './findings';

/** A share of a population, as a sample has it. */
export interface Share {
  readonly share: number;
  /** Ends of its 95% confidence interval. */
  readonly low: number;
  readonly high: number;
}

/** A sampled item, and how many of the population it stands for. */
export interface Weighted {
  readonly weight: number;
  readonly holds: boolean;
}

/** Quantile of the normal distribution for 95%, both sides. */
const Z = 1.96;

/**
 * A weighted share with Wilson's interval, for as many items as would tell as much had they all the same weight (Kish).
 * @returns nothing for no items.
 */
export function estimateShare(items: readonly Weighted[]): Share | undefined {
  const sum = (of: (item: Weighted) => number): number => items.reduce((total, item) => total + of(item), 0);
  const weights = sum(({ weight }) => weight);
  if (weights === 0) {
    return undefined;
  }
  const share = sum(({ weight, holds }) => (holds ? weight : 0)) / weights;
  const count = weights ** 2 / sum(({ weight }) => weight ** 2);
  const middle = (share + Z ** 2 / (2 * count)) / (1 + Z ** 2 / count);
  const half = (Z / (1 + Z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** A finding that was read, and how many it stands for. */
export interface Judged {
  readonly finding: ReadFinding;
  readonly weight: number;
  /** Whether it admits debt of some kind. */
  readonly debt: boolean;
  /** Whether it admits the kind that the model named. */
  readonly rightKind: boolean;
}

/** The findings that were read. Those of one stratum stand for all of it, each for as many. */
export function judged(findings: readonly ReadFinding[], strata: readonly Stratum[]): Judged[] {
  return strata.flatMap(({ name, population }) => {
    const read = findings.filter(({ kinds, stratum }) => kinds && stratum === name);
    return read.map((finding) => ({ finding, weight: population / read.length, debt: (finding.kinds?.length ?? 0) > 0, rightKind: finding.kinds?.includes(finding.label) ?? false }));
  });
}
