import type { Embeddings } from '../model/embeddings';
import type { ExitZero } from '../model/exit-zero';
import type { LinearHead } from '../model/linear-head';
import type { ExitHead } from '../model/model-package';

/**
 * What a taught head reads: the vectors of its exit and of all before it, each made as long as the others. The encoder was trained
 * for other tasks, so that its deeper vectors have lost some of what a new task needs: alone, they were up to 6 points worse.
 * @param vectors from exit 0 on.
 */
export function joined(vectors: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const vector of vectors) {
    // A text without words has nothing but zeros at exit 0.
    const length = Math.hypot(...vector) || 1;
    result.set(vector.map((value) => value / length), offset);
    offset += vector.length;
  }
  return result;
}

/** The heads of a taught task. */
export class JoinedHeads {
  readonly exitZero: Pick<ExitZero, 'logits'>;
  /** Of exit 1, 2, ... */
  readonly deeper: readonly ExitHead[];

  /**
   * @param heads of exit 0, 1, ..., each for the vectors up to its exit.
   * @param embeddings that the vectors of exit 0 are made of.
   */
  constructor([first, ...others]: readonly LinearHead[], embeddings: Embeddings) {
    this.exitZero = { logits: (ids) => first?.logits(joined([embeddings.mean(ids)]), 0) ?? new Float32Array() };
    this.deeper = others.map((head) => ({
      logits: (pooled, row, { ids, pooled: before }) => {
        const mean = embeddings.mean(ids);
        return head.logits(joined([mean, ...before, pooled.slice(row * mean.length, (row + 1) * mean.length)]), 0);
      },
    }));
  }
}
