import assert from 'node:assert/strict';
import { Classifier, type Classification } from '../../src/core/classifier';
import type { Decision } from '../../src/core/exits/decision';
import type { ExitPolicy } from '../../src/core/exits/policy';
import { LinearHead } from '../../src/core/model/linear-head';
import { loadModelPackage } from '../../src/core/model/model-package';
import { readerOf, TinyBackend, tinyFiles, tinyPackage } from './tiny-package';

const TEXTS = ['ok', 'todo fix this', 'maybe', 'this', 'fix fixs', '', 'todo', 'maybe maybe this ok todo fix this ok', 'unknown words only', 'fix this maybe'];

async function run(texts: readonly string[], policy: ExitPolicy, backend = new TinyBackend(), signal?: AbortSignal, id = 'tiny-task'): Promise<Decision[]> {
  const model = await tinyPackage();
  const task = model.tasks.get(id);
  assert.ok(task);
  return new Classifier(model, backend).classify({ texts, task, policy, priority: 'interactive' }, signal);
}

const answers = (decisions: readonly Decision[]): unknown => decisions.map(({ label, labels, confidence, exit, trace }) => ({ label, labels, confidence, exit, trace }));

describe('Classifier', () => {
  it('asks every exit at full depth, and answers with the last', async () => {
    for (const { exit, lastExit, trace, label, labels, confidence } of await run(TEXTS, { kind: 'full' })) {
      assert.deepEqual([exit, lastExit, trace.length], [3, 3, 4]);
      assert.deepEqual([label, labels, confidence], [trace[3]?.label, [label], trace[3]?.confidence]);
    }
  });

  it('says how much time had been spent on a text at each exit', async () => {
    for (const { exitMilliseconds, milliseconds } of await run(TEXTS, { kind: 'full' })) {
      assert.equal(exitMilliseconds.length, 4);
      assert.ok(exitMilliseconds.every((time, exit) => time > (exitMilliseconds[exit - 1] ?? 0)));
      assert.equal(milliseconds, exitMilliseconds[3]);
    }
  });

  it('ends at the last exit of a task that has fewer exits than the encoder', async () => {
    const files = tinyFiles();
    const manifest = JSON.parse(files.get('model.json')?.toString() ?? '') as { tasks: { temperatures: number[] }[] };
    manifest.tasks[0]?.temperatures.pop();
    const model = await loadModelPackage(readerOf(files.set('model.json', Buffer.from(JSON.stringify(manifest)))));
    const task = model.tasks.get('tiny-task');
    assert.ok(task);
    const backend = new TinyBackend();
    for (const { exit, lastExit, trace } of await new Classifier(model, backend).classify({ texts: TEXTS, task, policy: { kind: 'full' }, priority: 'scan' })) {
      assert.deepEqual([exit, lastExit, trace.length], [2, 2, 3]);
      assert.deepEqual(trace.map(({ certainty }) => certainty === undefined), [false, false, true]);
    }
    assert.ok(backend.calls.every(({ segment }) => segment < 2));
  });

  it('reckons exit 0 as the sum over tokens and pairs, over the square root of their number and four', async () => {
    const [decision] = await run(['ok todo'], { kind: 'full' });
    // Three features: two tokens and one pair. "ok" gives none 20, "todo" gives design 20, the pair nothing.
    const [none, design, defect] = [Math.exp(20 / Math.sqrt(7)), Math.exp(20 / Math.sqrt(7)), 1];
    const expected = [none, design, defect].map((value) => value / (none + design + defect));
    decision?.trace[0]?.probabilities.forEach((probability, index) => assert.ok(Math.abs(probability - (expected[index] ?? NaN)) < 1e-6));
  });

  it('leaves at exit 0 without touching the encoder when exit 0 is sure', async () => {
    const backend = new TinyBackend();
    const [decision] = await run(['ok'], { kind: 'entropy', threshold: 0.2 }, backend);
    assert.deepEqual([decision?.exit, decision?.label], [0, 'none']);
    assert.deepEqual(backend.calls, []);
  });

  it('says at every exit but the last how certain it is that the last gives the same answer', async () => {
    const [decision] = await run(['ok'], { kind: 'full' });
    // One feature: "ok" gives none a logit of 20 / sqrt(5) and the others 0, so that this is the margin, and certainty the sigmoid of 2 less.
    assert.ok(Math.abs((decision?.trace[0]?.certainty ?? 0) - 1 / (1 + Math.exp(2 - 20 / Math.sqrt(5)))) < 1e-6);
    decision?.trace.forEach(({ exit, certainty }) => assert.equal(certainty === undefined, exit === 3));
  });

  it('leaves at the first exit that reaches the certainty threshold', async () => {
    const full = await run(TEXTS, { kind: 'full' });
    for (const threshold of [0.2, 0.5, 0.9, 0.99, 1]) {
      const early = await run(TEXTS, { kind: 'certainty', threshold });
      early.forEach(({ exit }, index) => {
        const first = full[index]?.trace.findIndex(({ certainty }) => certainty !== undefined && certainty >= threshold) ?? -1;
        assert.equal(exit, first < 0 ? 3 : first);
      });
    }
  });

  it('adds the opinion of exit 0 to that of every exit, as much as its head says', async () => {
    const model = await tinyPackage();
    const tiny = model.tasks.get('tiny-task');
    assert.ok(tiny);
    // Whatever the encoder reads, the heads give design a logit of 5. Exit 0 gives none 20 / sqrt(5), which is 8.944.
    const heads = [0, 0.5, 1].map((wide) => new LinearHead(new Float32Array(12), Float32Array.of(0, 5, 0), wide));
    const [decision] = await new Classifier(model, new TinyBackend()).classify({ texts: ['ok'], task: { ...tiny, heads }, policy: { kind: 'full' }, priority: 'scan' });
    assert.deepEqual(decision?.trace.map(({ label }) => label), ['none', 'design', 'design', 'none']);
    [0, 4.472, 8.944].forEach((none, index) => {
      const expected = Math.exp(none) / (Math.exp(none) + Math.exp(5) + 1);
      assert.ok(Math.abs((decision?.trace[index + 1]?.probabilities[0] ?? NaN) - expected) < 1e-4);
    });
  });

  it('answers with every label that reaches its threshold, where several may hold', async () => {
    const [both, first, neither] = await run(['ok todo', 'ok', 'maybe'], { kind: 'full' }, undefined, undefined, 'tiny-topics');
    // "ok todo" has three features: both words have a logit of 20 / sqrt(7), and a probability above 0.99. "maybe" has 0 everywhere.
    assert.deepEqual([both?.trace[0]?.label, both?.trace[0]?.labels], ['how', ['how', 'why']]);
    assert.ok(Math.abs((both?.trace[0]?.confidence ?? 0) - 1 / (1 + Math.exp(-20 / Math.sqrt(7)))) < 1e-6);
    assert.deepEqual(first?.trace[0]?.labels, ['how']);
    assert.deepEqual([neither?.trace[0]?.labels, neither?.trace[0]?.probabilities], [['how'], [0.5, 0.5, 0.5]]);
    for (const { labels, trace } of [both, first, neither].filter((decision) => decision !== undefined)) {
      assert.deepEqual(labels, trace[3]?.labels);
    }
  });

  it('leaves at the first exit below the entropy threshold', async () => {
    const full = await run(TEXTS, { kind: 'full' });
    for (const threshold of [0, 0.05, 0.2, 0.5, 0.8, 1.2]) {
      const early = await run(TEXTS, { kind: 'entropy', threshold });
      early.forEach(({ exit }, index) => {
        const first = full[index]?.trace.findIndex(({ entropy }) => entropy < threshold) ?? -1;
        assert.equal(exit, first < 0 ? 3 : first);
      });
    }
  });

  it('gives all exits a use as the threshold changes', async () => {
    const exits = new Set<number>();
    for (const threshold of [0, 0.05, 0.2, 0.5, 0.8, 1]) {
      (await run(TEXTS, { kind: 'entropy', threshold })).forEach(({ exit }) => exits.add(exit));
    }
    assert.deepEqual([...exits].sort(), [0, 1, 2, 3]);
  });

  it('leaves when patience is satisfied', async () => {
    const full = await run(TEXTS, { kind: 'full' });
    for (const threshold of [1, 2, 3]) {
      const patient = await run(TEXTS, { kind: 'patience', threshold });
      patient.forEach(({ exit }, index) => {
        const labels = full[index]?.trace.map(({ label }) => label) ?? [];
        const first = labels.findIndex((label, at) => at >= threshold && labels.slice(at - threshold, at).every((earlier) => earlier === label));
        assert.equal(exit, first < 0 ? 3 : first);
      });
    }
  });

  it('gives the same answers alone, in any order and in any company', async () => {
    for (const policy of [{ kind: 'full' }, { kind: 'certainty', threshold: 0.6 }, { kind: 'entropy', threshold: 0.3 }, { kind: 'patience', threshold: 1 }, { kind: 'f-pabee', threshold: 0.02 }] as const) {
      const together = await run(TEXTS, policy);
      const reversed = (await run([...TEXTS].reverse(), policy)).reverse();
      const alone = await Promise.all(TEXTS.map(async (text) => (await run([text], policy))[0]));
      assert.deepEqual(answers(reversed), answers(together));
      assert.deepEqual(answers(alone.filter((decision) => decision !== undefined)), answers(together));
    }
  });

  it('compacts a batch to the texts that stay', async () => {
    const backend = new TinyBackend();
    const decisions = await run(TEXTS, { kind: 'entropy', threshold: 0.8 }, backend);
    const rowsOf = (segment: number): number => backend.calls.filter((call) => call.segment === segment).reduce((sum, { rows }) => sum + rows, 0);
    for (const segment of [0, 1, 2]) {
      assert.equal(rowsOf(segment), decisions.filter(({ exit }) => exit > segment).length);
    }
    assert.ok(rowsOf(0) > rowsOf(2));
  });

  it('keeps batches within 256 tokens', async () => {
    const backend = new TinyBackend();
    await run(Array<string>(200).fill('todo fix this'), { kind: 'full' }, backend);
    assert.ok(backend.calls.every(({ rows, tokens }) => rows * tokens <= 256));
    assert.ok(backend.calls.some(({ rows }) => rows > 1));
  });

  it('cuts long texts to the longest input of the task, and keeps the last token', async () => {
    const backend = new TinyBackend();
    await run(['todo '.repeat(50)], { kind: 'full' }, backend);
    assert.deepEqual(backend.calls[0], { segment: 0, rows: 1, tokens: 8 });
    await run(['todo '.repeat(50)], { kind: 'full' }, backend, undefined, 'tiny-topics');
    assert.deepEqual(backend.calls[3], { segment: 0, rows: 1, tokens: 6 });
  });

  it('answers an empty list with an empty list', async () => {
    assert.deepEqual(await run([], { kind: 'full' }), []);
  });

  it('takes lone surrogates and control characters', async () => {
    const decisions = await run(['\ud800', 'ok \udc00', '\u0000\u0001', '\u200d'], { kind: 'full' });
    assert.equal(decisions.length, 4);
    decisions.forEach(({ confidence }) => assert.ok(confidence > 0 && confidence <= 1));
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    const backend = new TinyBackend();
    const running = run(TEXTS, { kind: 'full' }, backend, controller.signal);
    controller.abort(new Error('not needed any more'));
    await assert.rejects(running, /not needed any more/u);
    assert.deepEqual(backend.calls, []);
  });

  describe('with several requests', () => {
    let backend: TinyBackend;
    let classifier: Classifier;
    let request: (texts: readonly string[], more?: Partial<Classification>) => Classification;

    beforeEach(async () => {
      const model = await tinyPackage();
      const task = model.tasks.get('tiny-task');
      assert.ok(task);
      backend = new TinyBackend();
      classifier = new Classifier(model, backend);
      request = (texts, more) => ({ texts, task, policy: { kind: 'full' }, priority: 'interactive', ...more });
    });

    it('puts texts of one length of different requests and tasks into one batch, and answers each as if it were alone', async () => {
      const topics = (await tinyPackage()).tasks.get('tiny-topics');
      const both = await Promise.all([classifier.classify(request(['todo fix this'])), classifier.classify(request(['maybe this ok'], topics && { task: topics }))]);
      assert.deepEqual(backend.calls, [0, 1, 2].map((segment) => ({ segment, rows: 2, tokens: 5 })));
      assert.deepEqual(answers(both[0]), answers(await run(['todo fix this'], { kind: 'full' })));
      assert.deepEqual(answers(both[1]), answers(await run(['maybe this ok'], { kind: 'full' }, undefined, undefined, 'tiny-topics')));
    });

    it('lets an interactive request overtake a scan between two batches', async () => {
      let left = 0;
      const scan = classifier.classify(request(Array<string>(2000).fill('todo fix this'), { priority: 'scan' }));
      await backend.called(5);
      const [decision] = await classifier.classify(request(['maybe this']));
      left = 3 * Math.ceil(2000 / 51) - backend.calls.length;
      assert.equal(decision?.exit, 3);
      assert.ok(left > 80, `the scan had ${left} batches left`);
      assert.equal((await scan).length, 2000);
    });

    it('answers a request that comes just as another one is done', async () => {
      for (const priority of ['interactive', 'scan'] as const) {
        for (let count = 0; count < 300; count += 1) {
          await classifier.classify(request(['ok'], { policy: { kind: 'entropy', threshold: 0.2 }, priority }));
          // From no turn later to a few microtasks later.
          for (let tasks = 0; tasks < count % 7; tasks += 1) {
            await Promise.resolve();
          }
        }
      }
    });

    it('keeps few texts under way, however many there are', async () => {
      await classifier.classify(request(Array<string>(3000).fill('todo fix this'), { priority: 'scan' }));
      const reached = backend.calls.findIndex(({ segment }) => segment === 2);
      const begun = backend.calls.slice(0, reached).filter(({ segment }) => segment === 0).reduce((sum, { rows }) => sum + rows, 0);
      assert.ok(begun <= 1024, `${begun} texts were begun before the first came to the last segment`);
    });

    it('stops a request that is aborted within one batch, and goes on with the others', async () => {
      const controller = new AbortController();
      const aborted = classifier.classify(request(Array<string>(2000).fill('todo fix this'), { priority: 'scan' }), controller.signal);
      const other = classifier.classify(request(TEXTS, { priority: 'scan' }));
      const rejected = assert.rejects(aborted, /not needed any more/u);
      await backend.called(5);
      controller.abort(new Error('not needed any more'));
      await rejected;
      const { length } = backend.calls;
      assert.deepEqual(answers(await other), answers(await run(TEXTS, { kind: 'full' })));
      assert.ok(backend.calls.length <= length + 1 + 3 * TEXTS.length, 'nothing was done for the aborted request');
    });

    it('answers the other when one is aborted by who hears that its last text is done', async () => {
      const controller = new AbortController();
      const abort = (): void => controller.abort(new Error('seen enough'));
      const aborted = classifier.vectors({ texts: ['ok'], maximumTokens: 8, segments: 0, priority: 'scan' }, controller.signal, abort);
      const other = classifier.classify(request(TEXTS, { priority: 'scan' }));
      await assert.rejects(aborted, /seen enough/u);
      assert.equal((await other).length, TEXTS.length);
    });

    it('rejects the request when something else than the backend fails, and answers the next ones', async () => {
      const model = await tinyPackage();
      let failing = true;
      const embeddings = Object.create(model.embeddings, {
        lookUp: {
          value: (...args: Parameters<typeof model.embeddings.lookUp>) => {
            if (failing) {
              throw new Error('out of range');
            }
            model.embeddings.lookUp(...args);
          },
        },
      }) as typeof model.embeddings;
      const broken = new Classifier({ ...model, embeddings }, backend);
      await assert.rejects(broken.classify(request(TEXTS)), /out of range/u);
      failing = false;
      assert.equal((await broken.classify(request(TEXTS))).length, TEXTS.length);
    });

    it('rejects the requests of a batch that fails, and answers the next ones', async () => {
      backend.failure = new Error('out of memory');
      await Promise.all([assert.rejects(classifier.classify(request(TEXTS)), /out of memory/u), assert.rejects(classifier.classify(request(['maybe'])), /out of memory/u)]);
      backend.failure = undefined;
      assert.equal((await classifier.classify(request(TEXTS))).length, TEXTS.length);
    });
  });
});
