import { shuffled as shuffledBy } from '../src/core/tuning/sample';

/** The middle of some numbers; of two middle ones their mean. NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share (0 to 1) of the numbers lies, between two of them interpolated. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * Median of the ratios of two series, round by round: what slows a whole round down, such as a busy machine, cancels out.
 * @throws {RangeError} when they are not of the same length.
 */
export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  if (numerators.length !== denominators.length) {
    throw new RangeError(`There are ${numerators.length} and ${denominators.length} rounds.`);
  }
  return median(numerators.map((numerator, round) => numerator / (denominators[round] ?? NaN)));
}

/** A generator of numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The items in an order that is the same for the same seed. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  return shuffledBy(items, randomNumbers(seed));
}
