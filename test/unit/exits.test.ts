import assert from 'node:assert/strict';
import { answerOf, type ExitAnswer } from '../../src/core/exits/decision';
import { argmax, entropy, softmax } from '../../src/core/exits/distribution';
import { exitPolicy, leaves } from '../../src/core/exits/policy';
import { resolvePolicy } from '../../src/core/exits/policy-choice';
import type { TaskManifest } from '../../src/core/model/manifest';

const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

function trace(...labels: string[]): ExitAnswer[] {
  return labels.map((label, exit) => ({ exit, label, confidence: 0.5, entropy: 1 / (exit + 1), probabilities: [] }));
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
    assert.deepEqual([...softmax(Float32Array.of(1e30, -1e30), 1)], [1, 0]);
  });

  it('has an entropy in nats', () => {
    near(entropy(Float64Array.of(1, 0, 0)), 0);
    near(entropy(Float64Array.of(0.25, 0.25, 0.25, 0.25)), Math.log(4));
    near(entropy(Float64Array.of(0.5, 0.5)), Math.LN2);
  });

  it('has the first of equal labels as its answer', () => {
    assert.equal(argmax(Float64Array.of(0.2, 0.4, 0.4)), 1);
    assert.equal(answerOf(2, ['a', 'b', 'c'], Float64Array.of(0.2, 0.4, 0.4)).label, 'b');
  });
});

describe('exit policies', () => {
  it('entropy: leaves strictly below the threshold', () => {
    assert.equal(leaves({ kind: 'entropy', threshold: 0.5 }, trace('a', 'a')), false);
    assert.equal(leaves({ kind: 'entropy', threshold: 0.51 }, trace('a', 'a')), true);
    assert.equal(leaves({ kind: 'entropy', threshold: 0 }, [answerOf(0, ['a', 'b'], Float64Array.of(1, 0))]), false);
  });

  it('patience: leaves when as many exits as the threshold says have repeated the label', () => {
    const patience = (threshold: number, ...labels: string[]): boolean => leaves({ kind: 'patience', threshold }, trace(...labels));
    assert.equal(patience(1, 'a'), false);
    assert.equal(patience(1, 'a', 'a'), true);
    assert.equal(patience(1, 'a', 'b'), false);
    assert.equal(patience(2, 'a', 'a'), false);
    assert.equal(patience(2, 'b', 'a', 'a', 'a'), true);
    assert.equal(patience(2, 'a', 'b', 'a', 'a'), false);
  });

  it('full: never leaves', () => {
    assert.equal(leaves({ kind: 'full' }, trace('a', 'a', 'a', 'a')), false);
  });

  it('refuse thresholds that do not fit, with a message that says what fits', () => {
    assert.throws(() => exitPolicy('entropy', -1), /entropy in nats, 0 or more/u);
    assert.throws(() => exitPolicy('entropy', NaN), /entropy in nats/u);
    assert.throws(() => exitPolicy('patience', 1.5), /number of exits that must agree, 1 or more: not 1\.5/u);
    assert.throws(() => exitPolicy('patience', 0), /1 or more/u);
  });

  it('take the recommendation of the package where the user chose no threshold', () => {
    const task = { defaults: { entropy: 0.3, patience: 4 } } as TaskManifest;
    assert.deepEqual(resolvePolicy({ kind: 'entropy' }, task), { kind: 'entropy', threshold: 0.3 });
    assert.deepEqual(resolvePolicy({ kind: 'patience' }, task), { kind: 'patience', threshold: 4 });
    assert.deepEqual(resolvePolicy({ kind: 'patience', threshold: 1 }, task), { kind: 'patience', threshold: 1 });
    assert.deepEqual(resolvePolicy({ kind: 'full' }, task), { kind: 'full' });
  });
});
