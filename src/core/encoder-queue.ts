import type { Backend } from './backend';
import type { Embeddings } from './model/embeddings';
import type { Manifest } from './model/manifest';
import { nextTurn } from './next-turn';
import { BATCH_TOKENS, WaitingRows, type Batch, type WaitingRow } from './waiting-rows';

/** Texts that somebody waits for overtake those of a scan. */
const PRIORITIES = ['interactive', 'scan'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Texts of one priority that are admitted to the encoder at a time, in tokens: enough to find full batches of one length. */
const ADMITTED_TOKENS = 128 * BATCH_TOKENS;

/** Tokens of one priority that may hold states, which take 1.5 kB each: little enough to keep in memory. */
const STATES_TOKENS = 32 * BATCH_TOKENS;

/** How long texts may be begun before others get a turn: an interactive request or a cancellation, in milliseconds. */
const TURN = 2;

/**
 * Tokens of a scan's batch while somebody is about who waits for single texts: whoever comes next waits a quarter as long for the batch
 * under way, and the scan gets a little slower.
 */
const COMPANY_TOKENS = BATCH_TOKENS / 4;

/** How long after their last request somebody is taken to be about, in milliseconds: as long as people pause while they type. */
const COMPANY = 2000;

/** A text that goes through the encoder until it is done, and what it picks up there. */
export interface Passage {
  /** Token ids. */
  readonly ids: Int32Array;
  /** Whether it needs no segment more. */
  readonly isDone: boolean;
  /** Reads what the next segment gave: the row of `pooled` ([rows, hidden size]) with this index. */
  read(pooled: Float32Array, row: number): void;
}

/** Texts that are sent through the encoder together. */
export interface Passages<Text extends Passage> {
  /** How many texts there are. */
  readonly length: number;
  readonly priority: Priority;
  /** Begins a text; it may be done at once. */
  readonly begin: (index: number) => Text;
  /**
   * Takes a text that is done.
   * @param milliseconds spent on it when it had begun, and after each segment: its share of each batch that it was part of.
   */
  readonly end: (text: Text, index: number, milliseconds: readonly number[]) => void;
}

/** Passages under way. */
interface Request extends Passages<Passage> {
  /** Its number; later requests have higher ones. */
  readonly order: number;
  /** How many texts have been begun. */
  begun: number;
  /** How many texts have ended. */
  ended: number;
  failed: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A text that waits for a segment. */
interface Row extends WaitingRow {
  readonly request: Request;
  readonly index: number;
  readonly text: Passage;
  /** Time spent on it when it had begun, and after each segment that it has been through. */
  readonly milliseconds: number[];
}

/**
 * Takes texts through the encoder, segment by segment, as far as each has to go. A batch holds texts of one length that have come
 * equally far, whichever requests they belong to: no text's result depends on its company, not in its last digit. Texts of a
 * higher priority overtake others between two batches.
 */
export class EncoderQueue {
  private readonly requests: Record<Priority, Request[]> = { interactive: [], scan: [] };
  private readonly waiting: Record<Priority, WaitingRows<Row>>;
  private working = false;
  /** Room for the hidden states of a batch, of which one is under way at a time. */
  private hidden = new Float32Array(0);
  /** How many requests there have been. */
  private count = 0;
  /** When the last text was asked for that somebody waits for; a moment of `performance.now()`. */
  private lastInteractive = -Infinity;

  constructor(
    private readonly encoder: Manifest['encoder'],
    private readonly embeddings: Embeddings,
    private readonly backend: Backend,
  ) {
    const { length } = encoder.segments;
    this.waiting = { interactive: new WaitingRows(length), scan: new WaitingRows(length) };
  }

  /**
   * Resolves when every text has ended. Rejects with the signal's reason when it is aborted, and with what `begin`, `read` or the
   * backend throw.
   */
  async run<Text extends Passage>(passages: Passages<Text>, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (passages.length === 0) {
      return;
    }
    let abort: () => void = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const { length, priority, begin } = passages;
        // Only what `begin` gave is given to `end`.
        const end = passages.end as Request['end'];
        const request: Request = { order: (this.count += 1), length, priority, begin, end, begun: 0, ended: 0, failed: false, resolve, reject };
        abort = (): void => this.fail(request, signal?.reason);
        signal?.addEventListener('abort', abort, { once: true });
        this.requests[priority].push(request);
        if (priority === 'interactive') {
          this.lastInteractive = performance.now();
        }
        void this.work();
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Works until nothing is left, a turn at a time: in between, new requests and cancellations come in. */
  private async work(): Promise<void> {
    if (this.working) {
      return;
    }
    this.working = true;
    for (;;) {
      await nextTurn();
      const priority = PRIORITIES.find((candidate) => this.requests[candidate].length > 0 || this.waiting[candidate].tokens > 0);
      if (!priority) {
        // In the same breath as the look: a request that comes later starts the work anew.
        this.working = false;
        return;
      }
      const batch = this.nextBatch(priority);
      if (batch) {
        await this.runSegment(batch.rows, batch.segment);
      } else {
        this.admit(priority);
      }
    }
  }

  /** A full batch, if there is one; else a smaller one, unless more texts come and there is room for them. */
  private nextBatch(priority: Priority): Batch<Row> | undefined {
    const waiting = this.waiting[priority];
    const tokens = priority === 'scan' && performance.now() - this.lastInteractive < COMPANY ? COMPANY_TOKENS : BATCH_TOKENS;
    const full = waiting.takeFull(tokens);
    if (full) {
      return full;
    }
    if (waiting.tokensWithStates >= STATES_TOKENS) {
      return waiting.takeOldest(tokens, 1);
    }
    const canAdmit = this.requests[priority].length > 0 && waiting.tokens < ADMITTED_TOKENS;
    return canAdmit ? undefined : waiting.takeOldest(tokens);
  }

  /** Begins texts until enough wait for the encoder, or the turn is over. */
  private admit(priority: Priority): void {
    let now = performance.now();
    const end = now + TURN;
    for (;;) {
      const [request] = this.requests[priority];
      if (!request || this.waiting[priority].tokens >= ADMITTED_TOKENS || now > end) {
        return;
      }
      try {
        now = this.begin(request, now);
      } catch (error) {
        this.fail(request, error);
        now = performance.now();
        continue;
      }
      // What hears of the text's end may have aborted the request, which is out of the queue then.
      if (request.begun === request.length && !request.failed) {
        this.requests[priority].shift();
      }
    }
  }

  /**
   * Begins the next text of a request.
   * @param started now, a moment of `performance.now()`, which was asked for when the text before was done.
   * @returns the moment when it was done.
   */
  private begin(request: Request, started: number): number {
    const index = request.begun;
    request.begun += 1;
    const text = request.begin(index);
    this.endOrWait({ order: request.order, request, index, text, ids: text.ids, states: undefined, milliseconds: [performance.now() - started] });
    return performance.now();
  }

  /** Runs a segment on rows of one length that have come as far as it. What fails, fails the requests of these rows alone. */
  private async runSegment(rows: readonly Row[], segment: number): Promise<void> {
    try {
      await this.readSegment(rows, segment);
    } catch (error) {
      new Set(rows.map(({ request }) => request)).forEach((request) => this.fail(request, error));
    }
  }

  private async readSegment(rows: readonly Row[], segment: number): Promise<void> {
    const started = performance.now();
    const tokens = rows[0]?.ids.length ?? 0;
    const width = tokens * this.encoder.hiddenSize;
    if (this.hidden.length < rows.length * width) {
      this.hidden = new Float32Array(rows.length * width);
    }
    const hidden = this.hidden.subarray(0, rows.length * width);
    rows.forEach(({ ids, states }, index) => {
      if (states) {
        hidden.set(states, index * width);
      } else {
        this.embeddings.lookUp(ids, hidden.subarray(index * width));
      }
    });
    const { states, pooled } = await this.backend.run(segment, hidden, new Int32Array(rows.length * tokens).fill(1), rows.length, tokens);
    rows.forEach((row, index) => {
      row.text.read(pooled, index);
      // A copy, for who goes on: the states of the whole batch would stay with its last row.
      row.states = row.text.isDone ? undefined : states?.slice(index * width, (index + 1) * width);
    });
    const share = (performance.now() - started) / rows.length;
    for (const row of rows) {
      row.milliseconds.push((row.milliseconds.at(-1) ?? 0) + share);
      this.endOrWait(row);
    }
  }

  private endOrWait(row: Row): void {
    const { request, index, text, milliseconds } = row;
    if (request.failed) {
      return;
    }
    if (!text.isDone) {
      this.waiting[request.priority].add(row, milliseconds.length - 1);
      return;
    }
    request.end(text, index, milliseconds);
    request.ended += 1;
    if (request.ended === request.length) {
      request.resolve();
    }
  }

  /** Gives up a request. What is left of it is done for nobody, and dropped. */
  private fail(request: Request, reason: unknown): void {
    const { priority } = request;
    request.failed = true;
    this.requests[priority] = this.requests[priority].filter((other) => other !== request);
    this.waiting[priority].remove((row) => row.request === request);
    request.reject(reason);
  }
}
