import type { Decision } from '../exits/decision';
import type { Position } from '../sources/line-index';

/** Confidence from 0 to 1 that a finding must have to be shown, unless another is set. docs/audit.md has what it should be. */
export const MINIMUM_FINDING_CONFIDENCE = 0.7;

/** Characters of a comment that lists and reports show, in UTF-16 code units. */
const EXCERPT = 200;

/** A finding in a file, as lists and reports show it. Small, without its trace: a workspace may have tens of thousands. */
export interface Finding {
  /** The comment as the model read it. */
  readonly text: string;
  readonly decision: Required<Pick<Decision, 'label' | 'labels' | 'confidence' | 'findingConfidence' | 'exit' | 'lastExit'>>;
  /** Where the whole comment stands. */
  readonly start: Position;
  readonly end: Position;
  /** See `Fingerprints`. */
  readonly fingerprint: string;
}

/** The findings of one file, in order of position. */
export interface FileFindings {
  /** Relative to the folder that was asked for, with `/`. */
  readonly path: string;
  readonly findings: readonly Finding[];
}

/** The beginning of a text, with an ellipsis where it goes on, without what a terminal obeys: see {@link printable}. */
export function excerptOf(text: string, characters = EXCERPT): string {
  // A character beyond the basic plane must not be cut in two.
  const start = text.length > characters ? `${text.slice(0, characters).replace(/[\ud800-\udbff]$/u, '')}…` : text;
  return printable(start);
}

/** A text without control characters, those for the direction of writing among them: what is in a stranger's file, or its name, must not send commands to a terminal, nor turn a line around. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd');
}
