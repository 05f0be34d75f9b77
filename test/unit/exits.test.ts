import assert from 'node:assert/strict';
import { certaintyFeatures } from '../../src/core/exits/certainty';
import { answerOf, type ExitAnswer } from '../../src/core/exits/decision';
import { argmax, divergence, entropy, softmax } from '../../src/core/exits/distribution';
import { ONE_LABEL, severalLabels } from '../../src/core/exits/labelling';
import { earlyPolicy, leaves, type EarlyPolicyKind, type ExitPolicy } from '../../src/core/exits/policy';
import { resolvePolicy } from '../../src/core/exits/policy-choice';
import type { TaskManifest } from '../../src/core/model/manifest';
import { CertaintyHead } from '../../src/core/model/certainty-head';
import { Safetensors } from '../../src/core/model/safetensors';
import { safetensors } from './tiny-package';

const near = (actual: number | undefined, expected: number): void => assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-9, `${actual} is not ${expected}`);
const allNear = (actual: readonly number[], expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, index) => near(actual[index], value));
};

/** Answers of the exits from 0 on, of which only the given fields matter. */
function trace(...answers: Partial<ExitAnswer>[]): ExitAnswer[] {
  return answers.map((answer, exit) => ({ exit, label: 'a', labels: ['a'], confidence: 0.5, entropy: 0.5, probabilities: [0.5, 0.5], ...answer }));
}

describe('distribution of an exit', () => {
  it('is the softmax of logits over temperature', () => {
    const [a, b] = softmax(Float32Array.of(2, 0), 1);
    near((a ?? 0) / (b ?? 1), Math.E ** 2);
    near((a ?? 0) + (b ?? 0), 1);
    const [c, d] = softmax(Float32Array.of(4, 0), 4);
    near((c ?? 0) / (d ?? 1), Math.E);
  });

  it('survives very large logits', () => {
    assert.deepEqual(softmax(Float32Array.of(1e30, -1e30), 1), [1, 0]);
    assert.deepEqual(severalLabels([0.5, 0.5]).probabilities(Float32Array.of(1e30, -1e30), 1), [1, 0]);
  });

  it('has an entropy in nats', () => {
    near(entropy([1, 0, 0]), 0);
    near(entropy([0.25, 0.25, 0.25, 0.25]), Math.log(4));
    near(entropy([0.5, 0.5]), Math.LN2);
  });

  it('differs from another by the Jensen-Shannon divergence, in nats', () => {
    near(divergence([1, 0], [0, 1]), Math.LN2);
    near(divergence([0.3, 0.7], [0.3, 0.7]), 0);
    // Their mean is [3/4, 1/4], with an entropy of ln 4 - 3/4 ln 3; theirs are 0 and ln 2.
    near(divergence([1, 0], [0.5, 0.5]), Math.log(4) - 0.75 * Math.log(3) - Math.LN2 / 2);
    assert.ok(divergence([0.1, 0.2, 0.7], [0.1, 0.2, 0.7]) >= 0);
  });

  it('has the first of equal labels as its most probable', () => {
    assert.equal(argmax([0.2, 0.4, 0.4]), 1);
  });
});

describe('an answer where one label holds', () => {
  it('is the most probable label, the first of equals', () => {
    const { label, labels, confidence } = answerOf(2, ['a', 'b', 'c'], ONE_LABEL, [0.2, 0.4, 0.4]);
    assert.deepEqual([label, labels, confidence], ['b', ['b'], 0.4]);
  });

  it('is as sure to be a finding as the silent label is improbable, where there is one', () => {
    const answer = (...probabilities: number[]): ExitAnswer => answerOf(0, ['a', 'silent', 'c'], ONE_LABEL, probabilities, 'silent');
    near(answer(0.4, 0.25, 0.35).findingConfidence ?? NaN, 0.75);
    near(answer(0.1, 0.9, 0).findingConfidence ?? NaN, 0.1);
    assert.equal(answer(0.4, 0.25, 0.35).confidence, 0.4);
    assert.ok(!('findingConfidence' in answerOf(0, ['a', 'silent', 'c'], ONE_LABEL, [0.4, 0.25, 0.35])));
  });

  it('is as sure as its label is probable', () => {
    near(ONE_LABEL.sureness([0.2, 0.5, 0.3]), 0.5);
  });

  it('is as far from another answer as the logarithms of the probabilities are apart', () => {
    allNear(ONE_LABEL.margins([0.2, 0.1, 0.7]), [Math.log(3.5), Math.log(7)]);
    allNear(ONE_LABEL.margins([1, 0, 0]), [Math.log(1e12), Math.log(1e12)]);
    allNear(ONE_LABEL.margins([0.75, 0.25]), [Math.log(3), Math.log(0.75e12)]);
  });

  it('changes by half of what the probabilities differ', () => {
    near(ONE_LABEL.change([0.7, 0.2, 0.1], [0.5, 0.2, 0.3]), 0.2);
  });
});

describe('an answer where several labels may hold', () => {
  const labelling = severalLabels([0.5, 0.4, 0.9]);

  it('has a probability of its own for each label', () => {
    allNear(labelling.probabilities(Float32Array.of(0, 2, -4), 2), [0.5, Math.E / (1 + Math.E), 1 / (1 + Math.E ** 2)]);
  });

  it('is every label that reaches its threshold, or else the most probable', () => {
    const answer = (...probabilities: number[]): unknown => {
      const { label, labels, confidence } = answerOf(0, ['a', 'b', 'c'], labelling, probabilities);
      return [label, labels, confidence];
    };
    // The third is more probable than both, and does not hold.
    assert.deepEqual(answer(0.5, 0.4, 0.8), ['a', ['a', 'b'], 0.5]);
    assert.deepEqual(answer(0.5, 0.6, 0.8), ['b', ['a', 'b'], 0.6]);
    assert.deepEqual(answer(0.1, 0.3, 0.8), ['c', ['c'], 0.8]);
    assert.deepEqual(answer(0.2, 0.2, 0.2), ['a', ['a'], 0.2]);
  });

  it('has the entropies of the labels added up', () => {
    near(labelling.entropy([0.5, 1, 0.25]), Math.LN2 + Math.log(4) - 0.75 * Math.log(3));
  });

  it('is as sure as the least sure of its labels', () => {
    near(labelling.sureness([0.1, 0.4, 0.99]), 0.6);
  });

  it('is as far from another answer as the nearest logit is from that of its threshold', () => {
    // 0.8 is ln 4 above 0.5, 0.4 is at its threshold, 0.5 is ln 9 below 0.9.
    allNear(labelling.margins([0.8, 0.4, 0.5]), [0, Math.log(4)]);
    allNear(severalLabels([0.5, 0.5]).margins([1, 0]).map(Math.round), [28, 28]);
  });

  it('changes and diverges by the mean over the labels', () => {
    near(labelling.change([0.8, 0.4, 0], [0.6, 0.5, 0]), 0.1);
    near(labelling.divergence([1, 0.5, 0], [0, 0.5, 0]), Math.LN2 / 3);
  });
});

describe('certainty', () => {
  const names = ['a', 'b', 'c'];
  const answer = (exit: number, probabilities: number[]): ExitAnswer => answerOf(exit, names, ONE_LABEL, probabilities);

  it('reads margins, entropy, length, agreement, change and labels', () => {
    const earlier = [answer(0, [0.2, 0.7, 0.1]), answer(1, [0.5, 0.25, 0.25])];
    const features = certaintyFeatures(answer(2, [0.25, 0.5, 0.25]), earlier, names, ONE_LABEL, 20);
    allNear(features, [Math.LN2, Math.LN2, 1.5 * Math.LN2, Math.log(20), 0.5, 0.25, 0, 1, 0]);
  });

  it('agrees with itself at exit 0, has not changed, and is no farther than 10 from another answer', () => {
    allNear(certaintyFeatures(answer(0, [1, 0, 0]), [], names, ONE_LABEL, 3), [10, 10, 0, Math.log(3), 1, 0, 1, 0, 0]);
  });

  it('counts agreement by all labels that hold', () => {
    const labelling = severalLabels([0.5, 0.5]);
    const several = (exit: number, ...probabilities: number[]): ExitAnswer => answerOf(exit, ['a', 'b'], labelling, probabilities);
    // The most probable label is the same throughout.
    const earlier = [several(0, 0.9, 0.6), several(1, 0.9, 0.1), several(2, 0.9, 0.7), several(3, 0.8, 0.5)];
    const features = certaintyFeatures(several(4, 0.8, 0.6), earlier, ['a', 'b'], labelling, 8);
    near(features[4], 0.75);
    assert.deepEqual(features.slice(6), [1, 1]);
  });

  it('is the sigmoid of the weighted features', () => {
    const weights = { 'certainty1.weight': { shape: [8], values: Float32Array.of(1, 0, 0, -2, 0, 0, 0, 0.5) }, 'certainty1.bias': { shape: [1], values: Float32Array.of(0.25) } };
    const head = CertaintyHead.read(new Safetensors('weights', safetensors(weights)), 1, 2);
    near(head.certainty([3, 9, 9, 1.5, 9, 9, 9, 0.5]), 1 / (1 + Math.exp(-0.5)));
  });
});

describe('exit policies', () => {
  const decide = (policy: ExitPolicy, ...answers: Partial<ExitAnswer>[]): boolean => leaves(policy, trace(...answers), ONE_LABEL);

  it('certainty: leaves from the threshold on', () => {
    const certainty = (...certainties: number[]): boolean => decide({ kind: 'certainty', threshold: 0.9 }, ...certainties.map((value) => ({ certainty: value })));
    assert.equal(certainty(0.89), false);
    assert.equal(certainty(0.9), true);
    assert.equal(certainty(0.95, 0.8), false);
    assert.equal(decide({ kind: 'certainty', threshold: 0.9 }, {}), false);
  });

  it('entropy: leaves strictly below the threshold', () => {
    assert.equal(decide({ kind: 'entropy', threshold: 0.5 }, { entropy: 0.5 }), false);
    assert.equal(decide({ kind: 'entropy', threshold: 0.51 }, { entropy: 0.5 }), true);
    assert.equal(decide({ kind: 'entropy', threshold: 0 }, { entropy: 0 }), false);
  });

  it('max-probability: leaves from the threshold on, of every label where several may hold', () => {
    assert.equal(decide({ kind: 'max-probability', threshold: 0.7 }, { probabilities: [0.7, 0.3] }), true);
    assert.equal(decide({ kind: 'max-probability', threshold: 0.71 }, { probabilities: [0.7, 0.3] }), false);
    const several = (...probabilities: number[]): boolean => leaves({ kind: 'max-probability', threshold: 0.9 }, trace({ probabilities }), severalLabels([0.5, 0.5]));
    assert.equal(several(0.95, 0.1), true);
    assert.equal(several(0.95, 0.2), false);
  });

  it('patience: leaves when as many exits as the threshold says have repeated the answer', () => {
    const patience = (threshold: number, ...answers: string[]): boolean => decide({ kind: 'patience', threshold }, ...answers.map((labels) => ({ labels: [...labels] })));
    assert.equal(patience(1, 'a'), false);
    assert.equal(patience(1, 'a', 'a'), true);
    assert.equal(patience(1, 'a', 'b'), false);
    assert.equal(patience(1, 'ab', 'a'), false);
    assert.equal(patience(1, 'ab', 'ab'), true);
    assert.equal(patience(2, 'a', 'a'), false);
    assert.equal(patience(2, 'b', 'a', 'a', 'a'), true);
    assert.equal(patience(2, 'a', 'b', 'a', 'a'), false);
  });

  it('pcee: leaves when the entropies of two exits in a row are below the threshold', () => {
    const pcee = (...entropies: number[]): boolean => decide({ kind: 'pcee', threshold: 0.3 }, ...entropies.map((value) => ({ entropy: value })));
    assert.equal(pcee(0.1), false);
    assert.equal(pcee(0.1, 0.2), true);
    assert.equal(pcee(0.1, 0.3), false);
    assert.equal(pcee(0.3, 0.1), false);
    assert.equal(pcee(0.9, 0.2, 0.1), true);
  });

  it('f-pabee: leaves when the answer has moved less than the threshold since the exit before', () => {
    const moved = (threshold: number, ...all: number[][]): boolean => decide({ kind: 'f-pabee', threshold }, ...all.map((probabilities) => ({ probabilities })));
    assert.equal(moved(10, [1, 0]), false);
    // The divergence is 0.2158.
    assert.equal(moved(0.22, [1, 0], [0.5, 0.5]), true);
    assert.equal(moved(0.21, [1, 0], [0.5, 0.5]), false);
    assert.equal(moved(0, [1, 0], [1, 0]), false);
    const several = (threshold: number): boolean => leaves({ kind: 'f-pabee', threshold }, trace({ probabilities: [1, 0.5] }, { probabilities: [0, 0.5] }), severalLabels([0.5, 0.5]));
    assert.deepEqual([several(0.34), several(0.35)], [false, true]);
  });

  it('full: never leaves', () => {
    assert.equal(decide({ kind: 'full' }, { certainty: 1, entropy: 0 }, { certainty: 1, entropy: 0 }, { certainty: 1, entropy: 0 }), false);
  });

  const refused: [kind: EarlyPolicyKind, thresholds: number[], message: RegExp][] = [
    ['certainty', [0, 1.01, NaN], /certainty policy is a probability above 0, at most 1: not/u],
    ['max-probability', [0, -1, 2], /max-probability policy is a probability above 0/u],
    ['entropy', [-1, NaN], /entropy in nats, 0 or more/u],
    ['pcee', [-1, NaN], /pcee policy is an entropy in nats/u],
    ['f-pabee', [-0.1], /divergence in nats, 0 or more .*: not -0\.1/u],
    ['patience', [1.5, 0], /number of exits that must agree, 1 or more: not/u],
  ];
  for (const [kind, thresholds, message] of refused) {
    it(`${kind}: refuses thresholds that do not fit, with a message that says what fits`, () => {
      thresholds.forEach((threshold) => assert.throws(() => earlyPolicy(kind, threshold), { name: 'RangeError', message }));
    });
  }
});

describe('choice of a policy', () => {
  const task: Pick<TaskManifest, 'defaults' | 'promise'> = {
    defaults: { maxDisagreement: 0.02, certainty: 0.98, entropy: 0.3, 'max-probability': 0.9, patience: 4, pcee: 0.25, 'f-pabee': 0.05 },
    promise: { confidence: 0.95, of: 'findings', levels: [{ maxDisagreement: 0.01, certainty: 0.995 }, { maxDisagreement: 0.05, certainty: 0.9 }] },
  };

  it('takes the recommendation of the package where the user gave no number', () => {
    for (const kind of ['certainty', 'entropy', 'max-probability', 'patience', 'pcee', 'f-pabee'] as const) {
      assert.deepEqual(resolvePolicy({ kind }, task), { kind, threshold: task.defaults[kind] });
    }
    assert.deepEqual(resolvePolicy({ kind: 'patience', threshold: 1 }, task), { kind: 'patience', threshold: 1 });
    assert.deepEqual(resolvePolicy({ kind: 'full' }, task), { kind: 'full' });
  });

  it('keeps a promise by the certainty that belongs to it, or else by full depth', () => {
    assert.deepEqual(resolvePolicy({ kind: 'promise' }, task), { kind: 'certainty', threshold: 0.995 });
    assert.deepEqual(resolvePolicy({ kind: 'promise', maxDisagreement: 0.05 }, task), { kind: 'certainty', threshold: 0.9 });
    assert.deepEqual(resolvePolicy({ kind: 'promise', maxDisagreement: 0.005 }, task), { kind: 'full' });
    assert.deepEqual(resolvePolicy({ kind: 'promise', maxDisagreement: 0 }, task), { kind: 'full' });
  });

  it('refuses thresholds that do not fit', () => {
    assert.throws(() => resolvePolicy({ kind: 'patience', threshold: 0.5 }, task), /1 or more: not 0\.5/u);
  });
});
