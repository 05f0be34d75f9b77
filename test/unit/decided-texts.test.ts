import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { TextDocument } from 'vscode';
import { DecidedTexts } from '../../src/core/decided-texts';
import type { Decision } from '../../src/core/exits/decision';
import { Decisions } from '../../src/editor/answers/decisions';
import type { Engine } from '../../src/engine/engine';

describe('decided texts', () => {
  let decided: DecidedTexts;
  let asked: (readonly string[])[];
  const decision = (label: string): Decision => ({ label, labels: [label], confidence: 1, exit: 0, lastExit: 0, trace: [], milliseconds: 0, exitMilliseconds: [], engine: 'test' });
  const classify = (texts: readonly string[]): Promise<Decision[]> => {
    asked.push(texts);
    return Promise.resolve(texts.map(decision));
  };
  const labels = async (texts: readonly string[], circumstances = ''): Promise<string[]> => (await decided.decide(texts, circumstances, classify)).decisions.map(({ label }) => label);

  beforeEach(() => {
    decided = new DecidedTexts();
    asked = [];
  });

  it('asks only about texts that were not decided before, each once', async () => {
    assert.deepEqual(await labels(['a', 'b', 'a']), ['a', 'b', 'a']);
    assert.deepEqual(await labels(['b', 'c', 'a', 'c']), ['b', 'c', 'a', 'c']);
    assert.deepEqual(asked, [['a', 'b'], ['c']]);
    assert.equal((await decided.decide(['a', 'd', 'd'], '', classify)).classified, 1);
  });

  it('does not ask where nothing is new', async () => {
    await labels(['a']);
    assert.deepEqual(await labels(['a', 'a']), ['a', 'a']);
    assert.deepEqual(await labels([]), []);
    assert.equal(asked.length, 1);
  });

  it('forgets what is not there any more, and everything when circumstances change', async () => {
    await labels(['a', 'b']);
    await labels(['a']);
    await labels(['a', 'b']);
    await labels(['a', 'b'], 'another policy');
    assert.deepEqual(asked, [['a', 'b'], ['b'], ['a', 'b']]);
  });

  it('stays as it was where classifying fails', async () => {
    await labels(['a']);
    await assert.rejects(decided.decide(['a', 'b'], 'other', () => Promise.reject(new Error('aborted'))));
    assert.deepEqual(await labels(['a']), ['a']);
    assert.equal(asked.length, 1);
  });

  it('lets others have their turn, and stays as it was where it is aborted then', async () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `text ${index}`);
    await labels(['a']);
    const controller = new AbortController();
    // Another one's turn comes before all of them are looked at, however fast the machine.
    setImmediate(() => controller.abort(new Error('aborted')));
    let now = 0;
    const clock = mock.method(performance, 'now', () => (now += 1));
    try {
      await assert.rejects(decided.decide(many, '', classify, controller.signal), /aborted/u);
    } finally {
      clock.mock.restore();
    }
    assert.deepEqual(await labels(['a']), ['a']);
    assert.deepEqual(asked, [['a']]);
  });

  it('puts another decision in the place of one, as long as the text is there', async () => {
    await labels(['a', 'b']);
    decided.replace('a', decision('deeper'));
    decided.replace('c', decision('not there'));
    assert.deepEqual(await labels(['a', 'b', 'c']), ['deeper', 'b', 'c']);
  });
});

describe('the decisions of a document', () => {
  it('are asked for again where the engine that answered is not the one that was described', async () => {
    const asked: (readonly string[])[] = [];
    // The first that answers has no encoder, as after crashes; then it is the one described.
    const answering = ['exit-0', 'native'];
    const engine = {
      describe: () => Promise.resolve({ name: 'm', version: '1', backend: 'native', notTaken: [], degraded: false, tasks: [] }),
      classify: ({ texts }) => {
        asked.push(texts);
        const by = answering.shift() ?? 'native';
        return Promise.resolve(texts.map((): Decision => ({ label: by, labels: [by], confidence: 1, exit: 0, lastExit: 0, trace: [], milliseconds: 0, exitMilliseconds: [], engine: by })));
      },
    } satisfies Partial<Engine> as unknown as Engine;
    const decisions = new Decisions(engine, 'comment-debt');
    const document = {} as TextDocument;
    const labels = async (): Promise<string[]> => (await decisions.decide(document, ['a'], { kind: 'full' }, new AbortController().signal)).decisions.map(({ label }) => label);
    assert.deepEqual([await labels(), await labels(), await labels()], [['exit-0'], ['native'], ['native']]);
    assert.equal(asked.length, 2);
  });
});
