import type { AnswerCache } from './answer-cache';
import type { Backend } from './backend';
import { certaintyFeatures } from './exits/certainty';
import { answerOf, type Decision, type ExitAnswer } from './exits/decision';
import { leaves, type ExitPolicy } from './exits/policy';
import type { ModelPackage, ModelTask } from './model/model-package';
import { BATCH_TOKENS, WaitingRows, type WaitingRow } from './waiting-rows';

/** Texts that somebody waits for overtake those of a scan. */
const PRIORITIES = ['interactive', 'scan'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Texts of one priority that are admitted to the encoder at a time, in tokens: enough to find some of one length, little enough to keep in memory. */
const ADMITTED_TOKENS = 32 * BATCH_TOKENS;

/** How long exit 0 may answer before others get a turn: an interactive request or a cancellation, in milliseconds. */
const TURN = 4;

/** Texts to classify together with others, if there are any. */
export interface Classification {
  /** As the task was trained on them: its `prepare` makes them so. */
  readonly texts: readonly string[];
  /** One of the model's tasks. */
  readonly task: ModelTask;
  readonly policy: ExitPolicy;
  readonly priority: Priority;
  /** Whether to reckon anew what the cache knows. */
  readonly fresh?: boolean;
}

/** A classification under way. */
interface Request extends Classification {
  readonly decisions: Decision[];
  /** How many texts have been started. */
  started: number;
  /** How many texts have left. */
  finished: number;
  failed: boolean;
  readonly resolve: (decisions: Decision[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** A text on its way through the exits. */
interface Row extends WaitingRow {
  readonly request: Request;
  readonly index: number;
  readonly trace: ExitAnswer[];
  /** Logits of exit 1, 2, ... as far as it has come in the encoder. */
  readonly logits: Float32Array[];
  /** How many exits of the encoder the cache knew the logits of. */
  cached: number;
  milliseconds: number;
}

/**
 * Takes texts through the exits of a model: exit 0 answers all of them; those still unsure go through the encoder, segment by
 * segment, and leave at the first exit that the policy lets them. A batch holds texts of one length that have come equally far,
 * whichever requests they belong to: no text's answer depends on its company, not in its last digit. Texts of a higher priority overtake others
 * between two batches.
 */
export class Classifier {
  private readonly requests: Record<Priority, Request[]> = { interactive: [], scan: [] };
  private readonly waiting: Record<Priority, WaitingRows<Row>>;
  private working = false;

  /** @param cache of answers of this model and this backend. */
  constructor(
    private readonly model: ModelPackage,
    private readonly backend: Backend,
    private readonly cache?: AnswerCache,
  ) {
    const { segments } = model.manifest.encoder;
    this.waiting = { interactive: new WaitingRows(segments.length), scan: new WaitingRows(segments.length) };
  }

  /**
   * Rejects with the signal's reason when it is aborted, and with what the backend throws.
   * @returns one decision per text, in order.
   */
  async classify(classification: Classification, signal?: AbortSignal): Promise<Decision[]> {
    signal?.throwIfAborted();
    if (classification.texts.length === 0) {
      return [];
    }
    let abort: () => void = () => undefined;
    try {
      return await new Promise<Decision[]>((resolve, reject) => {
        const request: Request = { ...classification, decisions: [], started: 0, finished: 0, failed: false, resolve, reject };
        abort = (): void => this.fail(request, signal?.reason);
        signal?.addEventListener('abort', abort, { once: true });
        this.requests[request.priority].push(request);
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
      this.admit(priority);
      const batch = this.waiting[priority].take();
      if (batch) {
        await this.runSegment(batch.rows, batch.segment);
      }
    }
  }

  /** Starts texts until enough wait for the encoder, or the turn is over. */
  private admit(priority: Priority): void {
    const end = performance.now() + TURN;
    for (;;) {
      const [request] = this.requests[priority];
      if (!request || this.waiting[priority].tokens >= ADMITTED_TOKENS || performance.now() > end) {
        return;
      }
      try {
        this.start(request);
      } catch (error) {
        this.fail(request, error);
        continue;
      }
      if (request.started === request.texts.length) {
        this.requests[priority].shift();
      }
    }
  }

  /** Tokenises the next text of a request and asks exit 0. */
  private start(request: Request): void {
    const started = performance.now();
    const { task, texts } = request;
    const index = request.started;
    request.started += 1;
    const row: Row = { request, index, ids: this.model.tokenizer.encode(texts[index] ?? '', task.manifest.maximumTokens), states: undefined, trace: [], logits: [], cached: 0, milliseconds: 0 };
    addAnswer(row, task.exitZero.logits(row.ids));
    if (!isDone(row) && request.fresh !== true) {
      this.recall(row);
    }
    row.milliseconds = performance.now() - started;
    this.leaveOrWait(row);
  }

  /** Adds the answers that the cache knows, if the text leaves at one of them. */
  private recall(row: Row): void {
    const known = this.cache?.get(row.request.task.manifest.id, row.ids) ?? [];
    row.cached = known.length;
    for (const logits of known) {
      addAnswer(row, logits);
      if (isDone(row)) {
        return;
      }
    }
    // It has to go on where no hidden states were kept: from the start.
    row.trace.length = 1;
  }

  /** Runs a segment on rows of one length that have come as far as it, and asks its exit. What fails, fails the requests of these rows alone. */
  private async runSegment(rows: readonly Row[], segment: number): Promise<void> {
    try {
      await this.answerBySegment(rows, segment);
    } catch (error) {
      new Set(rows.map(({ request }) => request)).forEach((request) => this.fail(request, error));
    }
  }

  private async answerBySegment(rows: readonly Row[], segment: number): Promise<void> {
    const started = performance.now();
    const { embeddings, manifest } = this.model;
    const tokens = rows[0]?.ids.length ?? 0;
    const width = tokens * manifest.encoder.hiddenSize;
    const hidden = new Float32Array(rows.length * width);
    rows.forEach(({ ids, states }, index) => {
      if (states) {
        hidden.set(states, index * width);
      } else {
        embeddings.lookUp(ids, hidden.subarray(index * width));
      }
    });
    const { states, pooled } = await this.backend.run(segment, hidden, new Int32Array(rows.length * tokens).fill(1), rows.length, tokens);
    rows.forEach((row, index) => {
      const logits = row.request.task.heads[segment]?.logits(pooled, index);
      if (logits) {
        row.logits.push(logits);
        addAnswer(row, logits);
      }
      // A copy: the states of the whole batch would stay with its last row.
      row.states = states?.slice(index * width, (index + 1) * width);
    });
    const share = (performance.now() - started) / rows.length;
    for (const row of rows) {
      row.milliseconds += share;
      this.leaveOrWait(row);
    }
  }

  private leaveOrWait(row: Row): void {
    const { request, index, trace, milliseconds } = row;
    const { task } = request;
    if (request.failed) {
      return;
    }
    if (!isDone(row)) {
      this.waiting[request.priority].add(row, trace.length - 1);
      return;
    }
    if (row.logits.length > row.cached) {
      this.cache?.set(task.manifest.id, row.ids, row.logits);
    }
    const { label = '', labels = [], confidence = 0 } = trace.at(-1) ?? {};
    request.decisions[index] = { label, labels, confidence, exit: trace.length - 1, lastExit: task.heads.length, trace, milliseconds, engine: this.backend.name };
    request.finished += 1;
    if (request.finished === request.texts.length) {
      request.resolve(request.decisions);
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

/** Whether a row leaves at the exit that it has come to. */
function isDone({ trace, request: { task, policy } }: Row): boolean {
  return trace.length > task.heads.length || leaves(policy, trace, task.labelling);
}

/** Adds the next exit's answer to a row's trace. */
function addAnswer({ ids, trace, request }: Row, logits: Float32Array): void {
  const { manifest, labelling, certaintyHeads } = request.task;
  const exit = trace.length;
  const answer = answerOf(exit, manifest.labels, labelling, labelling.probabilities(logits, manifest.temperatures[exit] ?? 1));
  const head = certaintyHeads[exit];
  trace.push(head ? { ...answer, certainty: head.certainty(certaintyFeatures(answer, trace, manifest.labels, labelling, ids.length)) } : answer);
}

/** Lets everything else that this thread has to do go first: messages above all. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // A timer of 0 ms takes 1 ms, and setImmediate is not there in browsers.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
