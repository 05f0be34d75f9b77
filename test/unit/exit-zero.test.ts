import assert from 'node:assert/strict';
import { ExitZero } from '../../src/core/model/exit-zero';
import { Safetensors } from '../../src/core/model/safetensors';
import { safetensors } from './tiny-package';

const VOCABULARY = 10;
const BUCKETS = 6;
const ROWS = VOCABULARY + BUCKETS;
const [CLS, SEP] = [2, 3];

const textOf = (...inner: number[]): Int32Array => Int32Array.of(CLS, ...inner, SEP);

/** With two labels: the rows of tokens 4 and 7 have opinions, and every other row says 1 of the second. */
function exitZero(): ExitZero {
  const table = Int8Array.from({ length: ROWS * 2 }, (_, index) => index % 2);
  table.set([90, -30], 4 * 2);
  table.set([-20, 50], 7 * 2);
  const weights = {
    'exit0.table': { shape: [ROWS, 2], values: table },
    'exit0.scale': { shape: [2], values: Float32Array.of(0.5, 0.25) },
    'exit0.bias': { shape: [2], values: Float32Array.of(1, -2) },
  };
  return new ExitZero(new Safetensors('weights', safetensors(weights)), VOCABULARY, 2);
}

/** The rows of the table that are features, each with the number of features of its part: every row has a label of its own, whose logit tells. */
function featuresOf(...inner: number[]): [row: number, ofPart: number][] {
  const identity = Int8Array.from({ length: ROWS * ROWS }, (_, index) => (index % (ROWS + 1) === 0 ? 1 : 0));
  const ones = new Float32Array(ROWS).fill(1);
  const weights = { 'exit0.table': { shape: [ROWS, ROWS], values: identity }, 'exit0.scale': { shape: [ROWS], values: ones }, 'exit0.bias': { shape: [ROWS], values: new Float32Array(ROWS) } };
  const logits = new ExitZero(new Safetensors('weights', safetensors(weights)), VOCABULARY, ROWS).logits(textOf(...inner));
  return [...logits].flatMap((logit, row) => (logit === 0 ? [] : [[row, Math.round(1 / logit ** 2 - 4)]]));
}

// Modulo the 6 buckets: 31337 is 5, 1299709 is 1, 1000003 is 1, 7919 is 5.
describe('features of exit 0', () => {
  it('are tokens, and pairs of neighbours, each once', () => {
    // Pair (4, 7): 4 + 5 * 7 = 39, bucket 3. Pair (7, 7): 7 + 35 = 42, bucket 0.
    const expected = [4, 7, VOCABULARY, VOCABULARY + 3].map((row) => [row, 4]);
    assert.deepEqual(featuresOf(4, 7, 7), expected);
    assert.deepEqual(featuresOf(4, 7, 7, 7, 7), expected);
  });

  it('are told apart by their part, and none goes over the border of two', () => {
    // Part 1: token 5, 5 * 5 + 1 = 26, bucket 2; token 4, 20 + 1, bucket 3; pair (5, 4), 5 + 20 + 1 = 26, bucket 2.
    // Part 2 is empty. Part 3: token 8, 40 + 3 = 43, bucket 1.
    assert.deepEqual(featuresOf(4, SEP, 5, 4, SEP, SEP, 8), [
      [4, 1],
      [VOCABULARY + 1, 1],
      [VOCABULARY + 2, 2],
      [VOCABULARY + 3, 2],
    ]);
  });

  it('are one where two fall into one bucket, of the first part that has it', () => {
    // Pair (4, 7) of part 0 and token 4 of part 1 are both in bucket 3.
    const expected = [4, 7, VOCABULARY + 3].map((row) => [row, 3]);
    assert.deepEqual(featuresOf(4, 7, SEP, 4), expected);
  });

  it('are in the bucket of the exact remainder, for large token ids and any number of buckets', () => {
    const vocabulary = 30_522;
    const [a, b] = [30_011, 29_989];
    for (const buckets of [97, 1000, 1024, 4099]) {
      const table = new Int8Array((vocabulary + buckets) * 2);
      // Every second bucket speaks for the second label.
      for (let bucket = 0; bucket < buckets; bucket += 1) {
        table[(vocabulary + bucket) * 2 + (bucket % 2)] = 1;
      }
      const weights = {
        'exit0.table': { shape: [vocabulary + buckets, 2], values: table },
        'exit0.scale': { shape: [2], values: Float32Array.of(1, 1) },
        'exit0.bias': { shape: [2], values: new Float32Array(2) },
      };
      const exact = new ExitZero(new Safetensors('weights', safetensors(weights)), vocabulary, 2);
      for (let token = a; token < a + 300; token += 1) {
        const bucket = (BigInt(token) * 1_000_003n + BigInt(b) * 7_919n) % BigInt(buckets);
        const [first = 0, second = 0] = exact.logits(textOf(token, b));
        assert.equal(second > first, bucket % 2n === 1n, `pair ${token}, ${b} of ${buckets} buckets`);
      }
    }
  });

  it('are none of an empty text', () => {
    assert.deepEqual(featuresOf(), []);
    assert.deepEqual(featuresOf(SEP, SEP), []);
  });
});

describe('logits of exit 0', () => {
  it('are the bias and the scaled sum of the rows of each part, over the square root of their number and four', () => {
    const exit = exitZero();
    // Nothing but the bias.
    assert.deepEqual([...exit.logits(textOf())], [1, -2]);
    // One row: 1 + 0.5 * 90 / sqrt(5), and -2 + 0.25 * -30 / sqrt(5).
    assert.deepEqual([...exit.logits(textOf(4))], [1 + 45 / Math.sqrt(5), -2 - 7.5 / Math.sqrt(5)].map(Math.fround));
    // Four rows: tokens 4 and 7; pairs (4, 7), (7, 4) of bucket 7 + 20 = 27, 3, which is that of (4, 7); (4, 4) of 24, 0. And one of part 1: token 8,
    // 40 + 1 = 41, bucket 5. The sums are 90 - 20 and 0, and -30 + 50 + 2 and 1.
    assert.deepEqual([...exit.logits(textOf(4, 7, 4, 4, SEP, 8))], [1 + 35 / Math.sqrt(8), -2 + 0.25 * (22 / Math.sqrt(8) + 1 / Math.sqrt(5))].map(Math.fround));
  });

  it('are the same however many texts came in between', () => {
    const exit = exitZero();
    const expected = exitZero().logits(textOf(4, 7));
    for (let between = 0; between < 600; between += 1) {
      assert.deepEqual(exit.logits(textOf(4, 7)), expected, `after ${between} texts`);
      for (let text = 0; text < between; text += 1) {
        exit.logits(textOf());
      }
    }
  });
});
