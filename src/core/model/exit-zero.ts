import type { Safetensors } from './safetensors';

/** Features without an opinion that are counted with every part of a text: a single word is little to go by, and must not make exit 0 sure. */
const NEUTRAL_FEATURES = 4;

/**
 * Exit 0, the cheap first tier in front of the encoder (TangoBERT, arXiv 2204.06271): a set of tokens and hashed pairs of
 * adjoining tokens, told apart by the part of the text that they stand in. Each feature has a row of logits, and counts once
 * however often it occurs. A text's logits are a bias plus, of each part, the sum of its rows, divided by the square root of their number with
 * some neutral features counted in: a feature is worth less in a long part than in a short one, and many that agree more than one. So a long body
 * does not drown a heading.
 */
export class ExitZero {
  /** [rows, labels] */
  private readonly table: Int8Array;
  private readonly scale: Float32Array;
  private readonly bias: Float32Array;
  private readonly buckets: number;
  /** [labels]: of the rows of the part at hand. */
  private readonly sums: Int32Array;
  /** [rows]: the number of the text that a row was last added to. A byte each, so that it stays in the processor's cache. */
  private readonly lastText: Uint8Array;
  /** Number of the text at hand, from 1 to 255 and from the beginning again. */
  private text = 0;

  /**
   * Reads `exit0.table` [rows, labels], int8, of which the first are those of the vocabulary and the others are hashed to; and
   * `exit0.scale` and `exit0.bias`, [labels] each.
   * @throws {ModelPackageError} when a tensor is missing or has the wrong shape.
   */
  constructor(
    weights: Safetensors,
    private readonly vocabularySize: number,
    private readonly labels: number,
  ) {
    const rows = weights.rows('exit0.table');
    this.table = weights.int8('exit0.table', [Math.max(rows, vocabularySize + 1), labels]).values;
    this.scale = weights.float32('exit0.scale', [labels]).values;
    this.bias = weights.float32('exit0.bias', [labels]).values;
    this.buckets = rows - vocabularySize;
    this.sums = new Int32Array(labels);
    this.lastText = new Uint8Array(rows);
  }

  /**
   * Logits, one per label: bias + scale · sum over the parts: the rows of its n different features / sqrt(n + 4). A feature is of the first part that has it.
   * @param ids token ids with `[CLS]` first and `[SEP]` last, which are not features; a `[SEP]` between them begins another part.
   */
  logits(ids: Int32Array): Float32Array {
    this.beginText();
    const { bias, scale } = this;
    const unscaled = new Float64Array(this.labels);
    const last = ids.length - 1;
    const separator = ids[last];
    let features = 0;
    let part = 0;
    let previous: number | undefined;
    // Every text of a scan comes through here: rows from a generator were measured to take twice as long, in a Set three times.
    for (let index = 1; index < last; index += 1) {
      const id = ids[index] ?? 0;
      if (id === separator) {
        this.endPart(features, unscaled);
        features = 0;
        part += 1;
        previous = undefined;
        continue;
      }
      features += this.add(part === 0 ? id : this.hashed(id * 31_337, part));
      if (previous !== undefined) {
        features += this.add(this.hashed(previous * 1_000_003 + id * 7_919, part));
      }
      previous = id;
    }
    this.endPart(features, unscaled);
    const logits = new Float32Array(this.labels);
    for (let label = 0; label < logits.length; label += 1) {
      logits[label] = (bias[label] ?? 0) + (scale[label] ?? 0) * (unscaled[label] ?? 0);
    }
    return logits;
  }

  /** Adds what a part of `features` features says to the `unscaled` logits, and begins the next one. */
  private endPart(features: number, unscaled: Float64Array): void {
    const divisor = Math.sqrt(features + NEUTRAL_FEATURES);
    for (let label = 0; label < unscaled.length; label += 1) {
      unscaled[label] = (unscaled[label] ?? 0) + (this.sums[label] ?? 0) / divisor;
    }
    this.sums.fill(0);
  }

  private beginText(): void {
    if (this.text === 255) {
      this.lastText.fill(0);
      this.text = 0;
    }
    this.text += 1;
  }

  /** Adds a row of the table, unless the text had it before. @returns how many features that makes more. */
  private add(row: number): 0 | 1 {
    const { lastText, text, labels, sums, table } = this;
    if (lastText[row] === text) {
      return 0;
    }
    lastText[row] = text;
    const start = row * labels;
    for (let label = 0; label < labels; label += 1) {
      sums[label] = (sums[label] ?? 0) + (table[start + label] ?? 0);
    }
    return 1;
  }

  /**
   * The row of a hashed feature: behind those of the vocabulary, by the remainder. Plain numbers are exact here: products stay far below 2^53,
   * and a quotient that is no whole number misses the next one by at least 1 / buckets, more than rounding can make up. The operator for
   * remainders takes several times as long for numbers beyond 32 bits.
   */
  private hashed(feature: number, part: number): number {
    const number = feature + part * 1_299_709;
    return this.vocabularySize + number - Math.floor(number / this.buckets) * this.buckets;
  }
}
