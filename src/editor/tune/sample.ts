import type { Settings } from '../settings';
import type { Parts } from '../surface';
import type { Git } from '../commits/git';

/** What samples are taken with. */
export interface Sampling extends Pick<Parts, 'engine' | 'log'> {
  readonly settings: Settings;
  readonly git: Git;
}

/** A text of the workspace. */
export interface SampledText {
  /** As the model reads it. */
  readonly text: string;
  /** As people know it. */
  readonly excerpt: string;
  /** Where it stands, in words: a file and line, or a commit. */
  readonly place: string;
  /** Shows it where it stands. @throws where it is gone. */
  open(): Promise<unknown>;
}

/** Texts of one kind of the workspace, none twice: the cache answers what comes again. */
export interface Sample {
  readonly texts: readonly SampledText[];
  /** Where they were found, in words: "12 files". */
  readonly from: string;
  /** Whether these are all the texts of their kind. */
  readonly complete: boolean;
}

/** Why there are no texts, and what to do about it. */
export interface NoSample {
  readonly reason: string;
}

/** Hears how many texts were found or read, of how many at most. */
export type OnFound = (found: number, most: number) => void;

/**
 * Takes a bounded sample of the texts of one kind.
 * @throws the signal's reason when it is aborted, and what the engine or the Git extension throws.
 */
export type TakeSample = (sampling: Sampling, signal: AbortSignal, onFound: OnFound) => Promise<Sample | NoSample>;
