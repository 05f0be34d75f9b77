import { sigmoid } from '../exits/distribution';
import { CertaintyHead } from '../model/certainty-head';

/** Steps of Newton's method; it is there in a few. */
const STEPS = 30;

/**
 * Trains what says how probable it is that the last exit gives an exit's answer: logistic regression on the first of an answer's
 * certainty features, its margin. Its targets are drawn towards doubt as if one more text had agreed and one more had not (Platt
 * 1999), so that a few texts that all agree do not make it certain.
 * @param margins of the answers of an exit.
 * @param agrees whether the last exit gives the same answer.
 */
export function fitCertainty(margins: readonly number[], agrees: readonly boolean[]): CertaintyHead {
  const agreeing = agrees.filter(Boolean).length;
  const high = (agreeing + 1) / (agreeing + 2);
  const low = 1 / (agrees.length - agreeing + 2);
  const targets = agrees.map((agree) => (agree ? high : low));
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  let [weight, bias] = [0, Math.log(mean / (1 - mean))];
  const constant = new CertaintyHead(Float32Array.of(0), bias);
  for (let step = 0; step < STEPS; step += 1) {
    // Gradient and Hessian of the loss, with a ridge that keeps margins that tell nothing apart from dividing by zero.
    let [g0, g1, h00, h01, h11] = [0, 1e-3 * weight, 1e-9, 0, 1e-3];
    margins.forEach((margin, index) => {
      const probability = sigmoid(weight * margin + bias);
      const error = probability - (targets[index] ?? 0);
      const curvature = probability * (1 - probability);
      g0 += error;
      g1 += error * margin;
      h00 += curvature;
      h01 += curvature * margin;
      h11 += curvature * margin * margin;
    });
    const determinant = h00 * h11 - h01 * h01;
    bias -= (h11 * g0 - h01 * g1) / determinant;
    weight -= (h00 * g1 - h01 * g0) / determinant;
  }
  // A wider margin cannot make an answer less certain; where it seems so, or the steps went astray, the margin tells nothing.
  return weight > 0 && Number.isFinite(bias) ? new CertaintyHead(Float32Array.of(weight), bias) : constant;
}
