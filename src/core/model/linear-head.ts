import type { Safetensors } from './safetensors';

/**
 * The classifier of one exit: logits = W · vector + b, to which an exit of the encoder adds the logits of exit 0, weighted: the
 * wide part beside the deep one of Wide & Deep Learning (arXiv 1606.07792), which remembers single words and pairs.
 */
export class LinearHead {
  private readonly labels: number;
  private readonly hiddenSize: number;

  /**
   * @param weight [labels, hidden size].
   * @param bias [labels].
   * @param wide what the logits of exit 0 are multiplied by.
   */
  constructor(
    private readonly weight: Float32Array,
    private readonly bias: Float32Array,
    private readonly wide = 0,
  ) {
    this.labels = bias.length;
    this.hiddenSize = weight.length / bias.length;
  }

  /**
   * Reads `exitK.weight` [labels, hidden size], `exitK.bias` [labels] and `exitK.wide` [1].
   * @throws {ModelPackageError} when one is missing or has the wrong shape.
   */
  static read(weights: Safetensors, exit: number, labels: number, hiddenSize: number): LinearHead {
    const { values } = weights.float32(`exit${exit}.weight`, [labels, hiddenSize]);
    return new LinearHead(values, weights.float32(`exit${exit}.bias`, [labels]).values, weights.float32(`exit${exit}.wide`, [1]).values[0]);
  }

  /**
   * Logits, one per label, of the row of `pooled` ([rows, hidden size]) with this index. They are summed up in 64 bits, and rounded once.
   * @param before with the logits of exit 0 for the same text, where the head has a use for them.
   */
  logits(pooled: Float32Array, row: number, before?: { readonly exitZero: Float32Array }): Float32Array {
    const logits = new Float32Array(this.labels);
    const offset = row * this.hiddenSize;
    for (let label = 0; label < this.labels; label += 1) {
      let sum = (this.bias[label] ?? 0) + this.wide * (before?.exitZero[label] ?? 0);
      const start = label * this.hiddenSize;
      for (let index = 0; index < this.hiddenSize; index += 1) {
        sum += (this.weight[start + index] ?? 0) * (pooled[offset + index] ?? 0);
      }
      logits[label] = sum;
    }
    return logits;
  }
}
