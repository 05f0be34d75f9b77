import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import { LinearHead } from '../model/linear-head';
import { fitTemperature, meanLoss } from './temperature';

/** Strengths to choose from, as multiples of the vectors' mean eigenvalue. */
const STRENGTHS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** A head, and what heads trained without each example answer to it. */
export interface FittedHead {
  readonly head: LinearHead;
  /** Divides the head's logits to make its probabilities as sure as they are right. */
  readonly temperature: number;
  /** Logits of each example by the head that is trained without its group, [examples][labels]. */
  readonly heldOut: readonly Float32Array[];
}

/**
 * Trains a linear head by ridge regression on one-hot targets (Hoerl and Kennard 1970), with an intercept that is not shrunk. What
 * it would answer to each example had its group been left out follows in closed form (PRESS, Allen 1974; for groups, Cook and
 * Weisberg 1982, section 3.6): exactly, without training again. By these answers its strength and its temperature are chosen.
 * @param vectors of the examples, all of one size.
 * @param targets index of each example's label.
 * @param labels how many there are.
 * @param groups indices of the examples that are left out together.
 */
export function fitHead(vectors: readonly Float32Array[], targets: readonly number[], labels: number, groups: readonly (readonly number[])[]): FittedHead {
  const x = new Matrix(vectors.map((vector) => Array.from(vector)));
  const y = new Matrix(targets.map((target) => Array.from({ length: labels }, (_, label) => Number(label === target))));
  const [xMean, yMean] = [x.mean('column'), y.mean('column')];
  const centred = x.clone().subRowVector(xMean);
  const { basis, values } = principalAxes(centred);
  const along = basis.transpose().mmul(y.clone().subRowVector(yMean));
  const meanValue = sum(values) / vectors.length;
  const fits = STRENGTHS.map((strength) => {
    const penalty = strength * meanValue;
    const heldOut = heldOutLogits(y, yMean, basis, along, values.map((value) => value / (value + penalty)), groups);
    const temperature = fitTemperature(heldOut, targets);
    return { penalty, heldOut, temperature, loss: meanLoss(heldOut, targets, temperature) };
  });
  const best = fits.reduce((a, b) => (b.loss < a.loss ? b : a));
  // [size, labels]: X'(XX' + penalty)^-1 Y by the axes.
  const weight = centred.transpose().mmul(basis.mmul(scaleRows(along, values.map((value) => 1 / (value + best.penalty)))));
  const bias = Array.from({ length: labels }, (_, label) => (yMean[label] ?? 0) - xMean.reduce((sum, mean, index) => sum + mean * weight.get(index, label), 0));
  return { head: new LinearHead(Float32Array.from(weight.transpose().to1DArray()), Float32Array.from(bias)), temperature: best.temperature, heldOut: best.heldOut };
}

/** Left singular vectors [rows, rank] of a matrix and its squared singular values, by way of the smaller of its Gram matrices. */
function principalAxes(x: Matrix): { readonly basis: Matrix; readonly values: readonly number[] } {
  const tall = x.rows > x.columns;
  const decomposition = new EigenvalueDecomposition(tall ? x.transpose().mmul(x) : x.mmul(x.transpose()), { assumeSymmetric: true });
  const eigenvalues = decomposition.realEigenvalues;
  const highest = Math.max(...eigenvalues);
  // Below this, an axis is made of rounding alone.
  const kept = eigenvalues.flatMap((value, index) => (value > highest * 1e-10 ? [index] : []));
  const values = kept.map((index) => eigenvalues[index] ?? 0);
  const vectors = decomposition.eigenvectorMatrix.subMatrixColumn(kept);
  return { basis: tall ? scaleColumns(x.mmul(vectors), values.map((value) => 1 / Math.sqrt(value))) : vectors, values };
}

/** @param shrinkage what is left of each axis: value / (value + penalty). */
function heldOutLogits(y: Matrix, yMean: readonly number[], basis: Matrix, along: Matrix, shrinkage: readonly number[], groups: readonly (readonly number[])[]): Float32Array[] {
  const shrunk = scaleColumns(basis, shrinkage);
  const residuals = Matrix.sub(y, shrunk.mmul(along).addRowVector([...yMean]));
  const heldOut: Float32Array[] = [];
  for (const group of groups) {
    // I - H of the group, where H maps targets to fitted values: the intercept's part, and that of the axes.
    const own = shrunk.subMatrixRow([...group]).mmul(basis.subMatrixRow([...group]).transpose()).add(1 / y.rows);
    const errors = solve(Matrix.eye(group.length).sub(own), residuals.subMatrixRow([...group]));
    // How much the labels' shares change without the group.
    const shift = yMean.map((mean, label) => mean - (mean * y.rows - sum(group.map((example) => y.get(example, label)))) / (y.rows - group.length));
    group.forEach((example, index) => (heldOut[example] = Float32Array.from(y.getRow(example), (target, label) => target - errors.get(index, label) + (shift[label] ?? 0))));
  }
  return heldOut;
}

function scaleRows(matrix: Matrix, factors: readonly number[]): Matrix {
  return matrix.clone().mulColumnVector([...factors]);
}

function scaleColumns(matrix: Matrix, factors: readonly number[]): Matrix {
  return matrix.clone().mulRowVector([...factors]);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
