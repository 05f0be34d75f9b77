import assert from 'node:assert/strict';
import { randomNumbers } from '../../bench/statistics';
import { answerOf, type ExitAnswer } from '../../src/core/exits/decision';
import { ONE_LABEL, severalLabels } from '../../src/core/exits/labelling';
import { trialsToShow, upperBound } from '../../src/core/tuning/binomial';
import { exitTaken, outcomeOf, sampleToShow, type FullyClassified } from '../../src/core/tuning/outcome';
import { shuffled, spread } from '../../src/core/tuning/sample';
import { labelsOf } from '../../src/webview/tune/labels';
import { readFromHost, readFromPage } from '../../src/webview/tune/messages';

const LABELS = ['none', 'design', 'defect'];

/** A text of which each exit says [label, certainty]; the last has no certainty. Exit 0 takes 1 ms, every layer 10. */
function text(...exits: readonly (readonly [label: string, certainty?: number])[]): FullyClassified {
  const trace = exits.map(([label, certainty], exit): ExitAnswer => {
    const answer = answerOf(exit, LABELS, ONE_LABEL, LABELS.map((other) => (other === label ? 0.8 : 0.1)));
    return certainty === undefined ? answer : { ...answer, certainty };
  });
  return { trace, exitMilliseconds: exits.map((_, exit) => 1 + 10 * exit) };
}

const at = (threshold: number) => ({ kind: 'certainty', threshold }) as const;
const FINDINGS = { labelling: ONE_LABEL, silentLabel: 'none' };

const TEXTS = [
  text(['none', 0.99], ['none', 0.999], ['none']),
  text(['none', 0.95], ['design', 0.9], ['design']),
  text(['design', 0.5], ['design', 0.99], ['design']),
  text(['design', 0.92], ['none', 0.97], ['none']),
  text(['defect', 0.1], ['defect', 0.91], ['design']),
];

describe('the outcome of a level', () => {
  it('is nothing at full depth', () => {
    assert.deepEqual(outcomeOf({ kind: 'full' }, TEXTS, FINDINGS), { seen: 3, changes: [], share: 0, highest: outcomeOf(at(1), TEXTS, FINDINGS).highest, meanExit: 2, milliseconds: 21 });
  });

  it('is what every text would have left with, told apart by what happens to a finding', () => {
    const { seen, changes, share, meanExit, milliseconds } = outcomeOf(at(0.9), TEXTS, FINDINGS);
    assert.deepEqual(TEXTS.map(({ trace }) => exitTaken(at(0.9), trace, ONE_LABEL)), [0, 0, 1, 0, 1]);
    assert.deepEqual(changes.map(({ index, kind, early, full }) => [index, kind, early.label, full.label]), [
      [1, 'lost', 'none', 'design'],
      [3, 'added', 'design', 'none'],
      [4, 'relabelled', 'defect', 'design'],
    ]);
    assert.deepEqual([seen, share, meanExit, milliseconds], [3, 1, 0.4, 5]);
  });

  it('counts every answer where no label is silent', () => {
    const { seen, changes, share } = outcomeOf(at(0.9), TEXTS, { labelling: ONE_LABEL, silentLabel: undefined });
    assert.deepEqual([seen, share], [5, 3 / 5]);
    assert.ok(changes.every(({ kind }) => kind === 'relabelled'));
  });

  it('takes an answer of several labels as a whole', () => {
    const labelling = severalLabels([0.5, 0.5, 0.5]);
    const answer = (exit: number, probabilities: number[], certainty?: number): ExitAnswer => ({ ...answerOf(exit, LABELS, labelling, probabilities), ...(certainty !== undefined && { certainty }) });
    const trace = [answer(0, [0.9, 0.1, 0.1], 0.9), answer(1, [0.9, 0.8, 0.1])];
    assert.equal(outcomeOf(at(0.9), [{ trace, exitMilliseconds: [1, 2] }], { labelling, silentLabel: undefined }).changes.length, 1);
  });

  it('says nothing beyond the sample where there is no finding', () => {
    const { share, highest } = outcomeOf(at(0.9), [text(['none', 0.99], ['none'])], FINDINGS);
    assert.deepEqual([share, highest], [0, Infinity]);
  });

  it('knows a model without an encoder', () => {
    const { meanExit, milliseconds, changes } = outcomeOf(at(0.9), [text(['design'])], FINDINGS);
    assert.deepEqual([meanExit, milliseconds, changes], [0, 1, []]);
  });
});

describe('the bound of a rate', () => {
  it('is the one of Clopper and Pearson', () => {
    // Of scipy 1.17: beta.ppf(0.95, events + 1, trials - events).
    for (const [events, trials, expected] of [[0, 10, 0.258866], [0, 59, 0.049508], [1, 20, 0.216106], [3, 335, 0.022981], [40, 2000, 0.025956], [9, 10, 0.994884]] as const) {
      assert.ok(Math.abs(upperBound(events, trials, 0.95) - expected) < 1e-6, `${events} of ${trials}: ${upperBound(events, trials, 0.95)}`);
    }
    assert.deepEqual([upperBound(0, 0, 0.95), upperBound(5, 5, 0.95)], [1, 1]);
  });

  it('needs as many trials as make it low enough', () => {
    for (const rate of [0.005, 0.02, 0.1]) {
      const trials = trialsToShow(rate, 0.95);
      assert.ok(upperBound(0, trials, 0.95) <= rate && upperBound(0, trials - 1, 0.95) > rate);
    }
    assert.equal(sampleToShow(0.02, undefined), trialsToShow(0.02, 0.95));
    // Additions count against fewer findings of the full model.
    assert.ok(sampleToShow(0.02, 'none') > trialsToShow(0.02, 0.95));
  });
});

describe('a sample', () => {
  it('is spread over all there is', () => {
    const items = Array.from({ length: 10 }, (_, index) => index);
    assert.deepEqual(spread(items, 20), items);
    assert.deepEqual(spread(items, 5), [0, 2, 4, 6, 8]);
    assert.deepEqual(spread([], 5), []);
  });

  it('has every item once, in an order of chance', () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const order = shuffled(items, randomNumbers(1));
    assert.deepEqual([...order].sort((a, b) => a - b), items);
    assert.notDeepEqual(order, items);
    assert.deepEqual(order, shuffled(items, randomNumbers(1)));
  });
});

describe('labels of a curve', () => {
  it('are written together where points are too near for their own', () => {
    const points = [{ x: 0, y: 200 }, { x: 10, y: 198 }, { x: 10, y: 150 }, { x: 80, y: 200 }, { x: 60, y: 200 }];
    assert.deepEqual(labelsOf(points, ['0%', '1%', '2%', '5%', '10%'], 1), [
      // What is written for two takes the room of two.
      { index: 0, labels: ['0%', '1%', '10%'], hasChosen: true },
      { index: 2, labels: ['2%'], hasChosen: false },
      { index: 3, labels: ['5%'], hasChosen: false },
    ]);
  });
});

describe('messages of the Tune view', () => {
  it('are read where they are well-formed', () => {
    for (const message of [{ kind: 'ready' }, { kind: 'apply', level: 3, scope: 'user' }, { kind: 'measure', task: 'a' }, { kind: 'cancel', task: 'a' }, { kind: 'open', task: 'a', level: 1, example: 0 }, { kind: 'settings' }]) {
      assert.deepEqual(readFromPage(message), message);
    }
  });

  it('are nothing where they are not', () => {
    for (const message of [undefined, 'ready', {}, { kind: 'else' }, { kind: 'apply', level: -1, scope: 'user' }, { kind: 'apply', level: 0.5, scope: 'user' }, { kind: 'apply', level: 1, scope: 'machine' }, { kind: 'measure' }, { kind: 'open', level: 1, example: 0 }, { kind: 'open', task: 'a', level: 1 }]) {
      assert.equal(readFromPage(message), undefined);
    }
    assert.equal(readFromHost({ kind: 'view', view: { levels: [] } }), undefined);
  });
});
