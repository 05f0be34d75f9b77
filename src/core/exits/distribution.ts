/**
 * Probabilities of one exit: softmax of logits divided by a temperature (Guo et al. 2017, arXiv 1706.04599).
 * @param logits one per label.
 */
export function softmax(logits: Float32Array, temperature: number): Float64Array {
  const scaled = Float64Array.from(logits, (logit) => logit / temperature);
  const highest = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = scaled.map((value) => Math.exp(value - highest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

/** Shannon entropy in nats: 0 when one label has all the probability, ln(labels) when all have the same. */
export function entropy(probabilities: Float64Array): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

/** Index of the highest value, the first of equals. */
export function argmax(values: Float64Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}
