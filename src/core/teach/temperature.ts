import { softmax } from '../exits/distribution';

/** Temperatures to choose from: those of scores around 0 and 1 are far below 1. */
const [LOWEST, HIGHEST] = [Math.log(0.01), Math.log(10)];

/** Steps of the search: each leaves 0.618 of the range, so that the temperature is right to a thousandth. */
const STEPS = 20;

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The temperature that makes probabilities as sure as they are right: that of the least mean loss (Guo et al. 2017,
 * arXiv 1706.04599), by golden-section search over its logarithm.
 * @param logits [texts][labels], of heads that have not seen the texts.
 * @param targets index of each text's label.
 */
export function fitTemperature(logits: readonly Float32Array[], targets: readonly number[]): number {
  const loss = (logarithm: number): number => meanLoss(logits, targets, Math.exp(logarithm));
  let [low, high] = [LOWEST, HIGHEST];
  for (let step = 0; step < STEPS; step += 1) {
    const width = GOLDEN * (high - low);
    if (loss(high - width) < loss(low + width)) {
      high = low + width;
    } else {
      low = high - width;
    }
  }
  return Math.exp((low + high) / 2);
}

/**
 * Mean cross-entropy in nats of the labels, which are doubted as if one of two texts more had another label (Platt 1999): a few
 * texts that are all answered rightly do not make an answer certain.
 */
export function meanLoss(logits: readonly Float32Array[], targets: readonly number[], temperature: number): number {
  const doubt = 1 / (targets.length + 2);
  const losses = logits.map((row, index) => {
    const logProbabilities = softmax(row, temperature).map((probability) => Math.log(Math.max(probability, Number.MIN_VALUE)));
    const own = logProbabilities[targets[index] ?? 0] ?? 0;
    const others = logProbabilities.reduce((sum, value) => sum + value, -own);
    return -(1 - doubt) * own - (doubt * others) / (row.length - 1);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / logits.length;
}
