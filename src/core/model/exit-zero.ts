import type { Safetensors, Tensor } from './safetensors';

/** Features without an opinion that are counted with every text: a single word is little to go by, and must not make exit 0 sure. */
const NEUTRAL_FEATURES = 4;

/**
 * Exit 0, the cheap first tier in front of the encoder (TangoBERT, arXiv 2204.06271): a bag of tokens and hashed pairs of
 * adjoining tokens, told apart by the part of the text that they stand in. Each feature has a row of logits; a text's logits
 * are a bias plus their mean, with some neutral features counted in.
 */
export class ExitZero {
  private readonly table: Tensor<Int8Array>;
  private readonly scale: Float32Array;
  private readonly bias: Float32Array;
  private readonly buckets: number;

  /** @throws {ModelPackageError} when a tensor is missing or has the wrong shape. */
  constructor(
    weights: Safetensors,
    private readonly vocabularySize: number,
    private readonly labels: number,
  ) {
    const rows = weights.rows('exit0.table');
    this.table = weights.int8('exit0.table', [Math.max(rows, vocabularySize + 1), labels]);
    this.scale = weights.float32('exit0.scale', [labels]).values;
    this.bias = weights.float32('exit0.bias', [labels]).values;
    this.buckets = rows - vocabularySize;
  }

  /**
   * Logits, one per label.
   * @param ids token ids with `[CLS]` first and `[SEP]` last, which are not features; a `[SEP]` between them begins another part.
   */
  logits(ids: Int32Array): Float32Array {
    const sums = new Int32Array(this.labels);
    let features = 0;
    for (const row of this.rowsOf(ids)) {
      features += 1;
      const start = row * this.labels;
      for (let label = 0; label < this.labels; label += 1) {
        sums[label] = (sums[label] ?? 0) + (this.table.values[start + label] ?? 0);
      }
    }
    return this.bias.map((bias, label) => bias + ((this.scale[label] ?? 0) * (sums[label] ?? 0)) / (features + NEUTRAL_FEATURES));
  }

  /** Rows of the table, one per feature: tokens of the first part by their id, others and pairs by a hash. */
  private *rowsOf(ids: Int32Array): Generator<number> {
    const separator = ids.at(-1);
    let part = 0;
    let previous: number | undefined;
    for (const id of ids.subarray(1, -1)) {
      if (id === separator) {
        part += 1;
        previous = undefined;
        continue;
      }
      yield part === 0 ? id : this.hashed(id * 31_337, part);
      if (previous !== undefined) {
        yield this.hashed(previous * 1_000_003 + id * 7_919, part);
      }
      previous = id;
    }
  }

  /** The products stay far below 2^53, so plain numbers are exact. */
  private hashed(feature: number, part: number): number {
    return this.vocabularySize + ((feature + part * 1_299_709) % this.buckets);
  }
}
