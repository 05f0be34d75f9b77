/**
 * Probabilities of labels of which exactly one holds: softmax of logits divided by a temperature (Guo et al. 2017,
 * arXiv 1706.04599).
 * @param logits one per label.
 */
export function softmax(logits: Float32Array, temperature: number): number[] {
  let highest = -Infinity;
  for (const logit of logits) {
    highest = Math.max(highest, logit / temperature);
  }
  const probabilities: number[] = [];
  let sum = 0;
  for (const logit of logits) {
    const exponential = Math.exp(logit / temperature - highest);
    probabilities.push(exponential);
    sum += exponential;
  }
  // In place: every text of a scan comes through here.
  for (let label = 0; label < probabilities.length; label += 1) {
    probabilities[label] = (probabilities[label] ?? 0) / sum;
  }
  return probabilities;
}

/** The probability with this logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Shannon entropy in nats: 0 when one label has all the probability, ln(labels) when all have the same. */
export function entropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

/** Jensen-Shannon divergence of two distributions in nats: 0 when they are the same, ln 2 when they share nothing. */
export function divergence(a: readonly number[], b: readonly number[]): number {
  const mean = a.map((p, index) => (p + (b[index] ?? 0)) / 2);
  // Rounding may bring it below 0, which no threshold may take for a difference smaller than none.
  return Math.max(0, entropy(mean) - (entropy(a) + entropy(b)) / 2);
}

/** Index of the highest value, the first of equals. */
export function argmax(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}
