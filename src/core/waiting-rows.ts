/** Tokens of a batch. Bigger batches gain nothing on a processor and cost memory (256 was measured to be better than 512 and 1,024). */
export const BATCH_TOKENS = 256;

/** Rows of this length that a batch of so many tokens holds. */
function rowsPerBatch(tokens: number, length: number): number {
  return Math.max(1, Math.floor(tokens / length));
}

/** A text that waits for a segment of the encoder. */
export interface WaitingRow {
  /** Token ids. */
  readonly ids: Int32Array;
  /** Number of the request that it belongs to: older ones have lower numbers. */
  readonly order: number;
  /** Hidden states [tokens, hidden size] that the last segment gave; none before the first. */
  states: Float32Array | undefined;
}

/** Rows of one length that wait for one segment. */
export interface Batch<Row> {
  readonly segment: number;
  readonly rows: readonly Row[];
}

/**
 * Texts that wait for the encoder, by the segment that each has come to and by length. A batch holds texts of one length: nothing
 * of it is padding, which would cost time and change the last digits of a result, so that a text's answer would depend on its
 * company.
 */
export class WaitingRows<Row extends WaitingRow> {
  /** By segment: rows by their length in tokens, the length that has waited longest first. */
  private readonly bySegment: readonly Map<number, Row[]>[];
  private total = 0;
  private withStates = 0;

  /** @param segments how many the encoder has. */
  constructor(segments: number) {
    this.bySegment = Array.from({ length: segments }, () => new Map<number, Row[]>());
  }

  /** Tokens of all rows. */
  get tokens(): number {
    return this.total;
  }

  /** Tokens of the rows that hold states: thousands of bytes each, where the others take a few. */
  get tokensWithStates(): number {
    return this.withStates;
  }

  add(row: Row, segment: number): void {
    const { length } = row.ids;
    const rows = this.bySegment[segment]?.get(length);
    if (rows) {
      rows.push(row);
    } else {
      this.bySegment[segment]?.set(length, [row]);
    }
    this.total += length;
    this.withStates += segment > 0 ? length : 0;
  }

  /**
   * Takes a full batch of the deepest segment that has any, so that few texts are under way.
   * @param tokens of a full batch.
   */
  takeFull(tokens: number): Batch<Row> | undefined {
    for (let segment = this.bySegment.length - 1; segment >= 0; segment -= 1) {
      for (const [length, rows] of this.bySegment[segment] ?? []) {
        if (rows.length >= rowsPerBatch(tokens, length)) {
          return this.takeFrom(segment, length, rows, tokens);
        }
      }
    }
    return undefined;
  }

  /**
   * Takes rows of one length: of those whose first row to come belongs to the oldest request, and of the first segment among them, so that more come
   * together at those behind it.
   * @param tokens that the batch may hold.
   * @param from the first segment to look at.
   */
  takeOldest(tokens: number, from = 0): Batch<Row> | undefined {
    let oldest = { order: Infinity, segment: 0, length: 0 };
    for (let segment = from; segment < this.bySegment.length; segment += 1) {
      for (const [length, rows] of this.bySegment[segment] ?? []) {
        const { order } = rows[0] ?? oldest;
        if (order < oldest.order) {
          oldest = { order, segment, length };
        }
      }
    }
    const rows = this.bySegment[oldest.segment]?.get(oldest.length);
    return rows && this.takeFrom(oldest.segment, oldest.length, rows, tokens);
  }

  /** Drops rows. */
  remove(isUnwanted: (row: Row) => boolean): void {
    this.bySegment.forEach((lengths, segment) => {
      const kept = [...lengths.values()].flat().filter((row) => !isUnwanted(row));
      lengths.forEach((rows, length) => this.uncount(segment, length * rows.length));
      lengths.clear();
      kept.forEach((row) => this.add(row, segment));
    });
  }

  private takeFrom(segment: number, length: number, rows: Row[], tokens: number): Batch<Row> {
    const taken = rows.splice(0, rowsPerBatch(tokens, length));
    const lengths = this.bySegment[segment];
    // What is left has come later than other lengths may have.
    lengths?.delete(length);
    if (rows.length > 0) {
      lengths?.set(length, rows);
    }
    this.uncount(segment, length * taken.length);
    return { segment, rows: taken };
  }

  private uncount(segment: number, tokens: number): void {
    this.total -= tokens;
    this.withStates -= segment > 0 ? tokens : 0;
  }
}
