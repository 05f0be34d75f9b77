import assert from 'node:assert/strict';
import { ExitZero } from '../../src/core/model/exit-zero';
import { Safetensors } from '../../src/core/model/safetensors';
import { safetensors } from './tiny-package';

const VOCABULARY = 10;
const BUCKETS = 6;
const ROWS = VOCABULARY + BUCKETS;
const [CLS, SEP] = [2, 3];

/** How often each row of the table is a feature, for the rows that are: every row has a label of its own, whose logit tells. */
function featuresOf(...inner: number[]): Record<number, number> {
  const identity = Int8Array.from({ length: ROWS * ROWS }, (_, index) => (index % (ROWS + 1) === 0 ? 1 : 0));
  const ones = new Float32Array(ROWS).fill(1);
  const weights = { 'exit0.table': { shape: [ROWS, ROWS], values: identity }, 'exit0.scale': { shape: [ROWS], values: ones }, 'exit0.bias': { shape: [ROWS], values: new Float32Array(ROWS) } };
  const logits = new ExitZero(new Safetensors('weights', safetensors(weights)), VOCABULARY, ROWS).logits(Int32Array.of(CLS, ...inner, SEP));
  // They are counts, divided by the number of features and 4; so they add up to features / (features + 4).
  const sum = logits.reduce((a, b) => a + b, 0);
  const divisor = 4 / (1 - sum);
  return Object.fromEntries([...logits].map((logit, row): [number, number] => [row, Math.round(logit * divisor)]).filter(([, count]) => count !== 0));
}

// Modulo the 6 buckets: 31337 is 5, 1299709 is 1, 1000003 is 1, 7919 is 5.
describe('features of exit 0', () => {
  it('are tokens, and pairs of neighbours', () => {
    // Pair (4, 7): 4 + 5 * 7 = 39, bucket 3. Pair (7, 7): 7 + 35 = 42, bucket 0.
    assert.deepEqual(featuresOf(4, 7, 7), { 4: 1, 7: 2, [VOCABULARY + 3]: 1, [VOCABULARY]: 1 });
  });

  it('are told apart by their part, and none goes over the border of two', () => {
    // Part 1: token 5, 5 * 5 + 1 = 26, bucket 2; token 4, 20 + 1, bucket 3; pair (5, 4), 5 + 20 + 1 = 26, bucket 2.
    // Part 2 is empty. Part 3: token 6, 30 + 3 = 33, bucket 3.
    assert.deepEqual(featuresOf(4, 7, SEP, 5, 4, SEP, SEP, 6), { 4: 1, 7: 1, [VOCABULARY + 3]: 1 + 1 + 1, [VOCABULARY + 2]: 2 });
  });

  it('are none of an empty text', () => {
    assert.deepEqual(featuresOf(), {});
    assert.deepEqual(featuresOf(SEP, SEP), {});
  });
});
