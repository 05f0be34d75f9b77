import type { Safetensors } from './safetensors';

/** The classifier of one exit of the encoder: logits = W · pooled vector + b. */
export class LinearHead {
  private readonly labels: number;
  private readonly hiddenSize: number;

  /**
   * @param weight [labels, hidden size].
   * @param bias [labels].
   */
  constructor(
    private readonly weight: Float32Array,
    private readonly bias: Float32Array,
  ) {
    this.labels = bias.length;
    this.hiddenSize = weight.length / bias.length;
  }

  /**
   * Reads `exitK.weight` [labels, hidden size] and `exitK.bias` [labels].
   * @throws {ModelPackageError} when one is missing or has the wrong shape.
   */
  static read(weights: Safetensors, exit: number, labels: number, hiddenSize: number): LinearHead {
    return new LinearHead(weights.float32(`exit${exit}.weight`, [labels, hiddenSize]).values, weights.float32(`exit${exit}.bias`, [labels]).values);
  }

  /**
   * Logits, one per label, of the row of `pooled` ([rows, hidden size]) with this index.
   */
  logits(pooled: Float32Array, row: number): Float32Array {
    const logits = new Float32Array(this.labels);
    const offset = row * this.hiddenSize;
    for (let label = 0; label < this.labels; label += 1) {
      let sum = this.bias[label] ?? 0;
      const start = label * this.hiddenSize;
      for (let index = 0; index < this.hiddenSize; index += 1) {
        sum += (this.weight[start + index] ?? 0) * (pooled[offset + index] ?? 0);
      }
      logits[label] = sum;
    }
    return logits;
  }
}
