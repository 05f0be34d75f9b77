import type { Safetensors, Tensor } from './safetensors';

/** Features without an opinion that are counted with every text: a single word is little to go by, and must not make exit 0 sure. */
const NEUTRAL_FEATURES = 4;

/**
 * Exit 0, the cheap first tier in front of the encoder (TangoBERT, arXiv 2204.06271): a bag of tokens and hashed pairs of
 * adjoining tokens. Each feature has a row of logits; a text's logits are a bias plus their mean, with some neutral features
 * counted in.
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
   * @param ids token ids with `[CLS]` first and `[SEP]` last, which are not features.
   */
  logits(ids: Int32Array): Float32Array {
    const sums = new Int32Array(this.labels);
    const end = ids.length - 1;
    for (let at = 1; at < end; at += 1) {
      const id = ids[at] ?? 0;
      this.add(sums, id);
      if (at + 1 < end) {
        this.add(sums, this.vocabularySize + this.bucketOf(id, ids[at + 1] ?? 0));
      }
    }
    const tokens = Math.max(0, ids.length - 2);
    const features = Math.max(0, 2 * tokens - 1) + NEUTRAL_FEATURES;
    return this.bias.map((bias, label) => bias + ((this.scale[label] ?? 0) * (sums[label] ?? 0)) / features);
  }

  /** Hash of a pair of token ids; the products stay far below 2^53, so plain numbers are exact. */
  private bucketOf(first: number, second: number): number {
    return (first * 1_000_003 + second * 7_919) % this.buckets;
  }

  private add(sums: Int32Array, row: number): void {
    const start = row * this.labels;
    for (let label = 0; label < this.labels; label += 1) {
      sums[label] = (sums[label] ?? 0) + (this.table.values[start + label] ?? 0);
    }
  }
}
