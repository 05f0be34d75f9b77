import type { Safetensors } from './safetensors';

/** The encoder's input: word embeddings as int8 rows with a scale each, plus positions. */
export class Embeddings {
  private readonly words: Int8Array;
  private readonly scales: Float32Array;
  private readonly positions: Float32Array;

  /** @throws {ModelPackageError} when a tensor is missing or has the wrong shape. */
  constructor(
    weights: Safetensors,
    vocabularySize: number,
    maximumTokens: number,
    private readonly hiddenSize: number,
  ) {
    this.words = weights.int8('words', [vocabularySize, hiddenSize]).values;
    this.scales = weights.float32('scales', [vocabularySize]).values;
    this.positions = weights.float32('positions', [maximumTokens, hiddenSize]).values;
  }

  /**
   * Writes what the first segment reads of a text: hidden states [tokens, hidden size].
   * @param ids token ids.
   * @param into where to, from its beginning.
   */
  lookUp(ids: Int32Array, into: Float32Array): void {
    const { hiddenSize, words, scales, positions } = this;
    // A closure for each token was measured to take half as long again.
    for (let token = 0; token < ids.length; token += 1) {
      const id = ids[token] ?? 0;
      const scale = scales[id] ?? 0;
      const from = id * hiddenSize;
      const to = token * hiddenSize;
      for (let index = 0; index < hiddenSize; index += 1) {
        into[to + index] = (words[from + index] ?? 0) * scale + (positions[to + index] ?? 0);
      }
    }
  }

  /**
   * The mean of the word embeddings of a text [hidden size]: what can be known of it without an encoder.
   * @param ids token ids with `[CLS]` first and `[SEP]` last, which say nothing and are left out.
   */
  mean(ids: Int32Array): Float32Array {
    const { hiddenSize, words, scales } = this;
    const mean = new Float32Array(hiddenSize);
    const inner = ids.subarray(1, -1);
    for (const id of inner) {
      const weight = (scales[id] ?? 0) / inner.length;
      for (let index = 0; index < hiddenSize; index += 1) {
        mean[index] = (mean[index] ?? 0) + (words[id * hiddenSize + index] ?? 0) * weight;
      }
    }
    return mean;
  }
}
