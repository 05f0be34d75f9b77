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
   * Hidden states [rows, tokens, hidden size] that the first segment reads; zeros after the end of a row.
   * @param rows token ids of each text.
   * @param tokens length of the longest.
   */
  lookUp(rows: readonly Int32Array[], tokens: number): Float32Array {
    const { hiddenSize, words, scales, positions } = this;
    const hidden = new Float32Array(rows.length * tokens * hiddenSize);
    rows.forEach((ids, row) => {
      ids.forEach((id, token) => {
        const scale = scales[id] ?? 0;
        const from = id * hiddenSize;
        const position = token * hiddenSize;
        const to = (row * tokens + token) * hiddenSize;
        for (let index = 0; index < hiddenSize; index += 1) {
          hidden[to + index] = (words[from + index] ?? 0) * scale + (positions[position + index] ?? 0);
        }
      });
    });
    return hidden;
  }
}
