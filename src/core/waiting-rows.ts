/**
 * Tokens of a batch, padding included. Bigger batches gain nothing on a processor and cost memory (256 was measured to be
 * better than 512 and 1,024).
 */
export const BATCH_TOKENS = 256;

/** A text that waits for a segment of the encoder. */
export interface WaitingRow {
  /** Token ids. */
  readonly ids: Int32Array;
  /** Hidden states [tokens, hidden size] that the last segment gave; none before the first. */
  states: Float32Array | undefined;
}

/** Rows that may share a batch: they wait for the same segment. */
export interface Batch<Row> {
  readonly segment: number;
  readonly rows: readonly Row[];
}

/** Texts that wait for the encoder, by the segment that each has come to. */
export class WaitingRows<Row extends WaitingRow> {
  private readonly queues: Queue<Row>[];

  /** @param segments how many the encoder has. */
  constructor(segments: number) {
    this.queues = Array.from({ length: segments }, () => ({ rows: [], tokens: 0 }));
  }

  /** Tokens of all rows. */
  get tokens(): number {
    return this.queues.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  add(row: Row, segment: number): void {
    const queue = this.queues[segment];
    if (queue) {
      queue.rows.push(row);
      queue.tokens += row.ids.length;
    }
  }

  /**
   * Takes the next batch: of the deepest segment for which there is a full one, so that few texts are under way; else of the
   * first that any row waits for, so that more come together at those behind it. It holds the row that has waited longest and the
   * nearest ones in length, so that little is padding and none waits for ever.
   */
  take(): Batch<Row> | undefined {
    const full = this.queues.findLastIndex(({ tokens }) => tokens >= BATCH_TOKENS);
    const segment = full < 0 ? this.queues.findIndex(({ rows }) => rows.length > 0) : full;
    const queue = this.queues[segment];
    if (!queue) {
      return undefined;
    }
    const chosen = new Set(nearestInLength(queue.rows));
    keep(queue, (row) => !chosen.has(row));
    return { segment, rows: [...chosen] };
  }

  /** Drops rows. */
  remove(isUnwanted: (row: Row) => boolean): void {
    this.queues.forEach((queue) => keep(queue, (row) => !isUnwanted(row)));
  }
}

/** Rows in order of arrival, and their tokens. */
interface Queue<Row> {
  rows: Row[];
  tokens: number;
}

function keep<Row extends WaitingRow>(queue: Queue<Row>, isWanted: (row: Row) => boolean): void {
  queue.rows = queue.rows.filter(isWanted);
  queue.tokens = queue.rows.reduce((sum, { ids }) => sum + ids.length, 0);
}

/** The first row and as many others as fit into a batch with it. */
function nearestInLength<Row extends WaitingRow>(rows: readonly Row[]): Row[] {
  const sorted = [...rows].sort((a, b) => a.ids.length - b.ids.length);
  const lengthAt = (index: number): number => sorted[index]?.ids.length ?? Infinity;
  const first = rows[0];
  let start = first ? sorted.indexOf(first) : 0;
  let end = start + 1;
  for (;;) {
    const length = lengthAt(end - 1);
    const fits = (longest: number): boolean => longest * (end - start + 1) <= BATCH_TOKENS;
    // Below, nothing is lost but padding; above, all rows grow.
    const [shorter, longer] = [length - lengthAt(start - 1), lengthAt(end) - length];
    if (start > 0 && fits(length) && shorter <= longer) {
      start -= 1;
    } else if (fits(lengthAt(end))) {
      end += 1;
    } else if (start > 0 && fits(length)) {
      start -= 1;
    } else {
      return sorted.slice(start, end);
    }
  }
}
