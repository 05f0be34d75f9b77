import { createHash } from 'node:crypto';
import { quantile, shuffled } from './statistics';

/** How many texts each part of a workload has. */
export interface Sizes {
  readonly warmUp: number;
  readonly single: number;
  /** Number of selections and texts of each. */
  readonly selections: readonly [number, number];
  /** Number of files and texts of each. */
  readonly files: readonly [number, number];
  readonly scan: number;
}

/** Texts of one task, as its `prepare` gives them. No text stands in two parts, so that no answer can come from a cache. */
export interface Workload {
  readonly task: string;
  readonly warmUp: readonly string[];
  /** Classified one by one, each timed. */
  readonly single: readonly string[];
  readonly selections: readonly (readonly string[])[];
  readonly files: readonly (readonly string[])[];
  readonly scan: readonly string[];
}

/**
 * Deals distinct texts out to the parts of a workload: the first two parts at random, the others in their order, as they
 * stand in files. When there are too few texts, the scan gets what is left.
 */
export function deal(task: string, texts: readonly string[], { warmUp, single, selections, files, scan }: Sizes, seed: number): Workload {
  const drawn = shuffled([...texts.keys()], seed).slice(0, warmUp + single);
  const picked = new Set(drawn);
  const rest = texts.filter((_, index) => !picked.has(index));
  const text = (index: number): string => texts[index] ?? '';
  const take = ([count, size]: readonly [number, number]): string[][] => Array.from({ length: count }, () => rest.splice(0, size));
  return {
    task,
    warmUp: drawn.slice(0, warmUp).map(text),
    single: drawn.slice(warmUp).map(text),
    selections: take(selections),
    files: take(files),
    scan: rest.slice(0, scan),
  };
}

/** What a reader of the results must know of the texts that were scanned. */
export interface TextFacts {
  readonly count: number;
  /** Quantiles of the length in characters. */
  readonly characters: { readonly p10: number; readonly p50: number; readonly p90: number; readonly p99: number };
  /** First digits of the SHA-256 of the texts: the same where they are the same. */
  readonly hash: string;
}

/** Facts of some texts. */
export function describeTexts(texts: readonly string[]): TextFacts {
  const lengths = texts.map(({ length }) => length);
  const at = (share: number): number => Math.round(quantile(lengths, share));
  return {
    count: texts.length,
    characters: { p10: at(0.1), p50: at(0.5), p90: at(0.9), p99: at(0.99) },
    hash: createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12),
  };
}

/** Every so many of some items, from the first on. */
export function everyNth<Item>(items: readonly Item[], step: number): Item[] {
  return items.filter((_, index) => index % step === 0);
}
