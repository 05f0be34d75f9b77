import type { Load } from './load';
import type { TextFacts } from './workload';

/** One round of one way: times in milliseconds, memory in bytes. */
export interface Round {
  /** From the start of the process, the engine's where there is one, to its first answer. */
  readonly start: number;
  /** Of one text: the median of the first of a process, and of others after the warm-up. */
  readonly early: number;
  readonly p50: number;
  readonly p95: number;
  readonly selection: number;
  readonly file: number;
  readonly textsPerSecond: number;
  /** Processor time over time. */
  readonly busyThreads: number;
  readonly memoryLoaded: number;
  readonly memoryScanned: number;
}

/** All rounds of one way on the texts of one task. */
export interface WayResults {
  readonly name: string;
  readonly kind: 'floor' | 'peer' | 'runtime' | 'glance';
  readonly rounds: readonly Round[];
  /** Texts of the scan that were measured. */
  readonly scanned: number;
  /** Mean exit of the scan, where there are exits. */
  readonly meanExit: number | undefined;
  /** Share of texts with the same label as Glance at full depth, where that was measured. */
  readonly sameLabel: number | undefined;
}

/** The ways on the texts of one task. */
export interface TaskResults {
  readonly task: string;
  /** What the texts are. */
  readonly of: string;
  /** Texts that were classified before time was taken but for `early`. */
  readonly warmUp: number;
  /** Texts of a selection, and of a file. */
  readonly selection: number;
  readonly file: number;
  readonly texts: TextFacts;
  readonly ways: readonly WayResults[];
}

/** One round of a scan of source files; see `ScanParts`. `whole` is the command line's, start and output included. */
export interface ScanRound {
  readonly load: number;
  readonly read: number;
  readonly cut: number;
  readonly classify: number;
  readonly whole: number;
}

/** What was measured, and on what. */
export interface Results {
  readonly commit: string;
  readonly processor: string;
  readonly processors: number;
  readonly system: string;
  readonly node: string;
  /** Versions of what was compared. */
  readonly versions: Readonly<Record<string, string>>;
  /** Load of the machine in the minute before: above some tenths, something else was running. */
  readonly loadBefore: number;
  readonly tasks: readonly TaskResults[];
  /** Texts a second of two libraries in processes of their own at the same time, over those of one. */
  readonly sideBySide: number | undefined;
  /** Texts that somebody waits for beside a scan. */
  readonly load: Load;
  readonly scan: { readonly files: number; readonly bytes: number; readonly comments: number; readonly maxDisagreement: number; readonly rounds: readonly ScanRound[] };
}
