/** What one segment of the encoder gives. */
export interface SegmentOutput {
  /** Hidden states [rows, tokens, hidden size] for the next segment; the last segment has none. */
  readonly states?: Float32Array;
  /** One vector per text, [rows, hidden size], which the heads of this exit read. */
  readonly pooled: Float32Array;
}

/** Runs the segments of an encoder. One text's result must not depend on the other rows of its batch. */
export interface Backend {
  /** Name for people, such as `native`. */
  readonly name: string;
  /**
   * Runs one segment.
   * @param segment index, from 0.
   * @param hidden hidden states [rows, tokens, hidden size]. The caller may overwrite them once the promise has settled: a backend keeps none.
   * @param mask 1 for a token, 0 for padding after the end of a row, [rows, tokens].
   */
  run(segment: number, hidden: Float32Array, mask: Int32Array, rows: number, tokens: number): Promise<SegmentOutput>;
  dispose(): Promise<void>;
}
