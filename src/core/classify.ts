import type { Backend } from './backend';
import { certaintyFeatures } from './exits/certainty';
import { answerOf, type Decision, type ExitAnswer } from './exits/decision';
import { leaves, type ExitPolicy } from './exits/policy';
import type { ModelPackage, ModelTask } from './model/model-package';

/**
 * Tokens of a batch, padding included. Bigger batches gain nothing on a processor and cost memory (256 was measured to be
 * better than 512 and 1,024).
 */
const BATCH_TOKENS = 256;

/** A text under way. */
interface Row {
  readonly index: number;
  readonly ids: Int32Array;
  readonly trace: ExitAnswer[];
  milliseconds: number;
}

/** Texts of similar length that go through the encoder together. */
interface Batch {
  rows: Row[];
  readonly tokens: number;
  hidden: Float32Array;
  mask: Int32Array;
}

/**
 * Classifies texts: exit 0 answers all of them; those still unsure go through the encoder in batches of similar length, segment
 * by segment, and leave at the first exit that the policy lets them. After each segment the batch is compacted to the texts
 * that stay.
 * @param texts as the task was trained on them: its `prepare` makes them so.
 * @param task one of the model's tasks.
 * @returns one decision per text, in order.
 * @throws the signal's reason when it is aborted.
 */
export async function classify(
  texts: readonly string[],
  task: ModelTask,
  policy: ExitPolicy,
  model: ModelPackage,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Decision[]> {
  const lastExit = task.heads.length;
  const rows = texts.map((text, index) => startRow(text, index, task, model));
  const unsure = rows.filter(({ trace }) => !leaves(policy, trace, task.labelling));
  for (const batch of batches(unsure, model)) {
    await runEncoder(batch, policy, task, model, backend, signal);
  }
  return rows.map(({ trace, milliseconds }) => {
    const { label = '', labels = [], confidence = 0 } = trace.at(-1) ?? {};
    return { label, labels, confidence, exit: trace.length - 1, lastExit, trace, milliseconds, engine: backend.name };
  });
}

/** Tokenises a text and asks exit 0. */
function startRow(text: string, index: number, task: ModelTask, { tokenizer }: ModelPackage): Row {
  const started = performance.now();
  const row: Row = { index, ids: tokenizer.encode(text, task.manifest.maximumTokens), trace: [], milliseconds: 0 };
  addAnswer(row, task.exitZero.logits(row.ids), task);
  row.milliseconds = performance.now() - started;
  return row;
}

/** Adds the next exit's answer to a row's trace. */
function addAnswer({ ids, trace }: Row, logits: Float32Array, { manifest: { labels, temperatures }, labelling, certaintyHeads }: ModelTask): void {
  const exit = trace.length;
  const answer = answerOf(exit, labels, labelling, labelling.probabilities(logits, temperatures[exit] ?? 1));
  const head = certaintyHeads[exit];
  trace.push(head ? { ...answer, certainty: head.certainty(certaintyFeatures(answer, trace, labels, labelling, ids.length)) } : answer);
}

/** Batches of similar length, so that little of them is padding. */
function* batches(rows: readonly Row[], { embeddings }: ModelPackage): Generator<Batch> {
  const sorted = [...rows].sort((a, b) => a.ids.length - b.ids.length || a.index - b.index);
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && (sorted[end]?.ids.length ?? 0) * (end + 1 - start) <= BATCH_TOKENS) {
      end += 1;
    }
    const batch = sorted.slice(start, end);
    const tokens = batch.at(-1)?.ids.length ?? 0;
    const mask = new Int32Array(batch.length * tokens);
    batch.forEach(({ ids }, row) => mask.fill(1, row * tokens, row * tokens + ids.length));
    yield { rows: batch, tokens, mask, hidden: embeddings.lookUp(batch.map(({ ids }) => ids), tokens) };
    start = end;
  }
}

async function runEncoder(
  batch: Batch,
  policy: ExitPolicy,
  task: ModelTask,
  model: ModelPackage,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [segment, head] of task.heads.entries()) {
    signal?.throwIfAborted();
    const started = performance.now();
    const { states, pooled } = await backend.run(segment, batch.hidden, batch.mask, batch.rows.length, batch.tokens);
    batch.rows.forEach((row, index) => addAnswer(row, head.logits(pooled, index), task));
    const share = (performance.now() - started) / batch.rows.length;
    batch.rows.forEach((row) => (row.milliseconds += share));
    if (!states) {
      return;
    }
    batch.hidden = states;
    compact(batch, (row) => !leaves(policy, row.trace, task.labelling), model.manifest.encoder.hiddenSize);
    if (batch.rows.length === 0) {
      return;
    }
  }
}

/** Keeps the rows of a batch that stay, in place. */
function compact(batch: Batch, stays: (row: Row) => boolean, hiddenSize: number): void {
  const { tokens, hidden, mask } = batch;
  const width = tokens * hiddenSize;
  const kept: Row[] = [];
  batch.rows.forEach((row, from) => {
    if (stays(row)) {
      const to = kept.push(row) - 1;
      if (to !== from) {
        hidden.copyWithin(to * width, from * width, (from + 1) * width);
        mask.copyWithin(to * tokens, from * tokens, (from + 1) * tokens);
      }
    }
  });
  if (kept.length < batch.rows.length) {
    batch.rows = kept;
    batch.hidden = hidden.subarray(0, kept.length * width);
    batch.mask = mask.subarray(0, kept.length * tokens);
  }
}
