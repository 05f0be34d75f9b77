import { ANSWER_FEATURES } from '../exits/certainty';
import { sigmoid } from '../exits/distribution';
import type { Safetensors } from './safetensors';

/** Tells of an exit's answer how probable it is that the last exit gives the same: logistic regression over the answers so far. */
export class CertaintyHead {
  /** @param weight one per feature; those beyond its end count for nothing. */
  constructor(
    private readonly weight: Float32Array,
    private readonly bias: number,
  ) {}

  /**
   * Reads `certaintyK.weight` [features + labels] and `certaintyK.bias` [1].
   * @throws {ModelPackageError} when one is missing or has the wrong shape.
   */
  static read(weights: Safetensors, exit: number, labels: number): CertaintyHead {
    const { values } = weights.float32(`certainty${exit}.weight`, [ANSWER_FEATURES + labels]);
    return new CertaintyHead(values, weights.float32(`certainty${exit}.bias`, [1]).values[0] ?? 0);
  }

  /** @param features as `certaintyFeatures` gives them. */
  certainty(features: readonly number[]): number {
    return sigmoid(features.reduce((sum, feature, index) => sum + feature * (this.weight[index] ?? 0), this.bias));
  }
}
