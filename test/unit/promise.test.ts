import assert from 'node:assert/strict';
import { describeAskedPromise, describePromise, keepPromise, type PromiseTerms } from '../../src/core/exits/promise';

const LEVELS = [{ maxDisagreement: 0.01, certainty: 0.995 }, { maxDisagreement: 0.05, certainty: 0.9 }];

function terms(levels = LEVELS, of: 'findings' | 'answers' = 'findings'): PromiseTerms {
  const defaults = { maxDisagreement: 0.02, certainty: 0.98, entropy: 0.3, 'max-probability': 0.9, patience: 4, pcee: 0.25, 'f-pabee': 0.05 };
  return { defaults, promise: { confidence: 0.95, of, levels } };
}

/** Of a package whose recommendation is full depth. */
function recommendingNone(levels = LEVELS): PromiseTerms {
  const { defaults, promise } = terms(levels);
  return { defaults: { ...defaults, maxDisagreement: 0 }, promise };
}

describe('promise', () => {
  it('is kept by the greatest level within it', () => {
    const kept = (maxDisagreement?: number): unknown => {
      const { kind, ...rest } = keepPromise(maxDisagreement, terms());
      return kind === 'early' && 'certainty' in rest ? [rest.maxDisagreement, rest.certainty] : kind;
    };
    assert.deepEqual(kept(0.01), [0.01, 0.995]);
    assert.deepEqual(kept(0.049), [0.01, 0.995]);
    assert.deepEqual(kept(0.05), [0.05, 0.9]);
    assert.deepEqual(kept(1), [0.05, 0.9]);
    assert.deepEqual(kept(), [0.01, 0.995]);
  });

  it('is kept at full depth when nothing may differ', () => {
    assert.deepEqual(keepPromise(0, terms()), { kind: 'full' });
    assert.deepEqual(keepPromise(0, terms([])), { kind: 'full' });
    assert.deepEqual(keepPromise(undefined, recommendingNone()), { kind: 'full' });
  });

  it('says so when the calibration data cannot support it', () => {
    assert.deepEqual(keepPromise(0.005, terms()), { kind: 'unsupported', maxDisagreement: 0.005, smallest: 0.01 });
    assert.deepEqual(keepPromise(0.005, terms([])), { kind: 'unsupported', maxDisagreement: 0.005, smallest: undefined });
    for (const without of [terms([]), recommendingNone([])]) {
      assert.deepEqual(keepPromise(undefined, without), { kind: 'unsupported', maxDisagreement: undefined, smallest: undefined });
    }
  });

  it('is a share', () => {
    for (const wrong of [-0.01, 1.5, NaN]) {
      assert.throws(() => keepPromise(wrong, terms()), { name: 'RangeError', message: /from 0% to 100%: not/u });
    }
  });

  it('is put in words with what it falls back to, where a share was asked for that is not offered', () => {
    const say = (asked: number): string => describeAskedPromise(asked, keepPromise(asked, terms()));
    const offered = describePromise(keepPromise(0.01, terms()));
    assert.equal(say(0.01), offered);
    assert.equal(say(0.02), `The model package does not offer 2% here, and keeps the next smaller promise. ${offered}`);
    for (const full of [0, 0.005]) {
      assert.equal(say(full), describePromise(keepPromise(full, terms())));
    }
  });

  it('is put in words', () => {
    const say = (maxDisagreement: number, of?: PromiseTerms): string => describePromise(keepPromise(maxDisagreement, of ?? terms()));
    assert.equal(say(0.02), "With 95% confidence, at most 1% of the findings differ from the full model's.");
    assert.equal(say(0.07, terms([{ maxDisagreement: 0.07, certainty: 0.9 }], 'answers')), "With 95% confidence, at most 7% of the answers differ from the full model's.");
    assert.equal(say(0), "Full depth: every answer is the full model's.");
    assert.equal(say(0.005), 'The model runs at full depth: its calibration data cannot support 0.5%. The smallest promise below full depth is 1%.');
    assert.equal(say(0.02, terms([])), 'The model runs at full depth: its calibration data cannot support 2%. It supports no promise below full depth.');
    assert.equal(describePromise(keepPromise(undefined, recommendingNone([]))), 'The model runs at full depth: its calibration data supports no promise below it.');
  });
});
