/** A half-open range of UTF-16 code units in the source text, as VS Code and JavaScript strings count them. */
export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

/** A piece of text cut out of a source, ready to be classified. */
export interface Snippet {
  /** What the model reads: comment markers removed, white space collapsed. Never empty. */
  readonly text: string;
  /** Where the whole comment, markers included, stands in the source. */
  readonly range: OffsetRange;
}
