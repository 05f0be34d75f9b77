import type { AnswerCache } from './answer-cache';
import type { Backend } from './backend';
import { EncoderQueue, type Passage, type Priority } from './encoder-queue';
import { certaintyFeatures } from './exits/certainty';
import { answerOf, type Decision, type ExitAnswer } from './exits/decision';
import { leaves, type ExitPolicy } from './exits/policy';
import type { ModelPackage, ModelTask, TextSoFar } from './model/model-package';

/** Texts to classify together with others, if there are any. */
export interface Classification {
  /** As the task was trained on them: its `prepare` makes them so. */
  readonly texts: readonly string[];
  /** One of the model's tasks, or one that was taught on its encoder. */
  readonly task: ModelTask;
  readonly policy: ExitPolicy;
  readonly priority: Priority;
  /** Whether to reckon anew what the cache knows. */
  readonly fresh?: boolean;
}

/** Texts whose vectors are wanted. */
export interface VectorsRequest {
  readonly texts: readonly string[];
  /** Longest input in tokens, `[CLS]` and `[SEP]` included. */
  readonly maximumTokens: number;
  /** Segments to go through. */
  readonly segments: number;
  readonly priority: Priority;
}

/**
 * Takes texts through the exits of a model: exit 0 answers all of them; those still unsure go through the encoder, segment by
 * segment, and leave at the first exit that the policy lets them. No text's answer depends on its company: see {@link EncoderQueue}.
 */
export class Classifier {
  private readonly queue: EncoderQueue;

  /** @param cache of answers of this model and this backend. */
  constructor(
    private readonly model: ModelPackage,
    private readonly backend: Backend,
    private readonly cache?: AnswerCache,
  ) {
    this.queue = new EncoderQueue(model.manifest.encoder, model.embeddings, backend);
  }

  /**
   * Rejects with the signal's reason when it is aborted, and with what the backend throws.
   * @returns one decision per text, in order.
   */
  async classify({ texts, task, policy, priority, fresh = false }: Classification, signal?: AbortSignal): Promise<Decision[]> {
    const { hiddenSize } = this.model.manifest.encoder;
    const decisions: Decision[] = [];
    const begin = (index: number): ClassifiedText => new ClassifiedText(this.encode(texts[index], task.manifest.maximumTokens), hiddenSize, task, policy, this.cache, fresh);
    const end = (text: ClassifiedText, index: number, milliseconds: readonly number[]): void => {
      decisions[index] = text.decide(milliseconds, this.backend.name);
    };
    await this.queue.run({ length: texts.length, priority, begin, end }, signal);
    return decisions;
  }

  /**
   * What the heads of the exits read of texts, for training heads: by text, a vector per exit. That of exit 0 is the mean of the
   * text's word embeddings, the others are pooled by the encoder.
   * @param onText is told after each text how many have been through.
   */
  async vectors({ texts, maximumTokens, segments, priority }: VectorsRequest, signal?: AbortSignal, onText?: (texts: number) => void): Promise<Float32Array[][]> {
    const { embeddings, manifest } = this.model;
    const vectors: Float32Array[][] = [];
    let ended = 0;
    const begin = (index: number): EncodedText => {
      const ids = this.encode(texts[index], maximumTokens);
      return new EncodedText(ids, embeddings.mean(ids), manifest.encoder.hiddenSize, segments);
    };
    const end = (text: EncodedText, index: number): void => {
      vectors[index] = text.vectors;
      ended += 1;
      onText?.(ended);
    };
    await this.queue.run({ length: texts.length, priority, begin, end }, signal);
    return vectors;
  }

  private encode(text: string | undefined, maximumTokens: number): Int32Array {
    return this.model.tokenizer.encode(text ?? '', maximumTokens);
  }
}

/** A text that collects what the exits' heads read of it. */
class EncodedText implements Passage {
  readonly vectors: Float32Array[];

  constructor(
    readonly ids: Int32Array,
    mean: Float32Array,
    private readonly hiddenSize: number,
    private readonly segments: number,
  ) {
    this.vectors = [mean];
  }

  get isDone(): boolean {
    return this.vectors.length > this.segments;
  }

  read(pooled: Float32Array, row: number): void {
    this.vectors.push(pooledRow(pooled, row, this.hiddenSize));
  }
}

/** A copy: the vectors of the whole batch would stay with it. */
function pooledRow(pooled: Float32Array, row: number, hiddenSize: number): Float32Array {
  return pooled.slice(row * hiddenSize, (row + 1) * hiddenSize);
}

/** A text that collects the answers of exits until it leaves. */
class ClassifiedText implements Passage, TextSoFar {
  readonly exitZero: Float32Array;
  readonly pooled: Float32Array[] = [];
  private readonly trace: ExitAnswer[] = [];
  /** Logits of exit 1, 2, ... as far as it has come in the encoder. */
  private readonly logits: Float32Array[] = [];
  /** How many exits of the encoder the cache knew the logits of. */
  private cached = 0;

  /** Asks exit 0, and the cache where that does not suffice. */
  constructor(
    readonly ids: Int32Array,
    private readonly hiddenSize: number,
    private readonly task: ModelTask,
    private readonly policy: ExitPolicy,
    private readonly cache: AnswerCache | undefined,
    fresh: boolean,
  ) {
    this.exitZero = task.exitZero.logits(ids);
    this.addAnswer(this.exitZero);
    if (!this.isDone && !fresh) {
      this.recall();
    }
  }

  /** Whether it leaves at the exit that it has come to. */
  get isDone(): boolean {
    return this.trace.length > this.task.heads.length || leaves(this.policy, this.trace, this.task.labelling);
  }

  read(pooled: Float32Array, row: number): void {
    const logits = this.task.heads[this.trace.length - 1]?.logits(pooled, row, this);
    if (logits) {
      this.pooled.push(pooledRow(pooled, row, this.hiddenSize));
      this.logits.push(logits);
      this.addAnswer(logits);
    }
  }

  /**
   * The decision of a text that is done.
   * @param milliseconds see {@link Passages.end}; answers that the cache knew took no longer than exit 0's.
   */
  decide(milliseconds: readonly number[], engine: string): Decision {
    const { trace, task, logits } = this;
    if (logits.length > this.cached) {
      this.cache?.set(task.manifest.id, this.ids, logits);
    }
    const { label = '', labels = [], confidence = 0 } = trace.at(-1) ?? {};
    const exitMilliseconds = trace.map((_, exit) => milliseconds[exit] ?? milliseconds.at(-1) ?? 0);
    return { label, labels, confidence, exit: trace.length - 1, lastExit: task.heads.length, trace, milliseconds: exitMilliseconds.at(-1) ?? 0, exitMilliseconds, engine };
  }

  /** Adds the answers that the cache knows, if the text leaves at one of them. */
  private recall(): void {
    const known = this.cache?.get(this.task.manifest.id, this.ids) ?? [];
    this.cached = known.length;
    for (const logits of known) {
      this.addAnswer(logits);
      if (this.isDone) {
        return;
      }
    }
    // It has to go on where no hidden states were kept: from the start.
    this.trace.length = 1;
  }

  /** Adds the next exit's answer to the trace. */
  private addAnswer(logits: Float32Array): void {
    const { manifest, labelling, certaintyHeads } = this.task;
    const { trace } = this;
    const exit = trace.length;
    const answer = answerOf(exit, manifest.labels, labelling, labelling.probabilities(logits, manifest.temperatures[exit] ?? 1));
    const head = certaintyHeads[exit];
    trace.push(head ? { ...answer, certainty: head.certainty(certaintyFeatures(answer, trace, manifest.labels, labelling, this.ids.length)) } : answer);
  }
}
