import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomNumbers } from '../../bench/statistics';
import type { AnswerCache } from '../../src/core/answer-cache';
import { Classifier, type Classification } from '../../src/core/classifier';
import type { Decision } from '../../src/core/exits/decision';
import { loadModelPackage, type LoadedPackage } from '../../src/core/model/model-package';
import { LANGUAGES } from '../../src/core/sources/comments/languages';
import { CommentSource } from '../../src/core/sources/comments/comments';
import { ChildEngine } from '../../src/engine/child-engine';
import { NativeBackend } from '../../src/engine/native-backend';
import { PersistentMap } from '../../src/engine/persistent-map';
import { StoredAnswers } from '../../src/engine/stored-answers';
import { DIST, LIB_DOM, SHIPPED } from './shipped';

/** Files with comments that every clone has. */
const FILES = [LIB_DOM, ...['typescript/lib/typescript.d.ts', '@types/vscode/index.d.ts', 'typescript/lib/_tsc.js'].map((file) => path.join(LIB_DOM, '../../..', file))];
const COUNT = 5000;
/** Characters: longer ones take more of the time than they are worth here. */
const LONGEST = 150;
/** Texts that are asked for one by one: each takes a turn of its own. */
const ALONE = 1000;

const timeless = (decisions: readonly Decision[]): Decision[] => decisions.map((decision) => ({ ...decision, milliseconds: 0, exitMilliseconds: [] }));

/** The same text has the same answer, to the last digit, whatever happens around it. */
describe('5,000 real comments', () => {
  let texts: string[];
  let model: LoadedPackage;
  let backend: NativeBackend;
  let expected: Decision[];
  const request = (some: readonly string[], more?: Partial<Classification>): Classification => {
    const task = model.tasks.get('comment-debt');
    assert.ok(task);
    const { promise } = task.manifest;
    return { texts: some, task, policy: { kind: 'certainty', threshold: promise.levels.find(({ maxDisagreement }) => maxDisagreement === 0.01)?.certainty ?? 1 }, priority: 'scan', ...more };
  };
  const classify = (some: readonly string[], cache?: AnswerCache): Promise<Decision[]> => new Classifier(model, backend, cache).classify(request(some));

  before(async () => {
    // By processor time a parse is as long on a busy machine as on any.
    const source = new CommentSource((file) => readFile(path.join(SHIPPED.grammars, file)), [() => process.cpuUsage().user / 1000]);
    const typescript = LANGUAGES.find(({ id }) => id === 'typescript');
    assert.ok(typescript);
    const found = await Promise.all(FILES.map(async (file) => (await source.find(await readFile(file, 'utf8'), typescript)).snippets));
    texts = [...new Set(found.flat().map(({ text }) => text))].filter(({ length }) => length <= LONGEST).slice(0, COUNT);
    model = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
    backend = await NativeBackend.open(model);
    expected = timeless(await classify(texts));
  });
  after(() => backend?.dispose());

  it('are enough, and leave at every exit', () => {
    assert.equal(texts.length, COUNT);
    assert.deepEqual([...new Set(expected.map(({ exit }) => exit))].sort(), Array.from({ length: (expected[0]?.lastExit ?? 0) + 1 }, (_, exit) => exit));
  });

  it('are as sure to be findings as they are not of the silent label', () => {
    const silent = model.tasks.get('comment-debt')?.manifest.labels.indexOf('none') ?? NaN;
    expected.forEach(({ findingConfidence = NaN, trace }) => assert.ok(Math.abs(findingConfidence + (trace.at(-1)?.probabilities[silent] ?? NaN) - 1) < 1e-6));
  });

  it('have the same answers in any order', async () => {
    const next = randomNumbers(7);
    const shuffled = texts.map((text, index) => ({ text, index, key: next() })).sort((a, b) => a.key - b.key);
    const decisions = timeless(await classify(shuffled.map(({ text }) => text)));
    shuffled.forEach(({ index }, position) => assert.deepEqual(decisions[position], expected[index]));
  });

  it('have the same answers alone', async () => {
    const classifier = new Classifier(model, backend);
    for (let index = 0; index < texts.length; index += Math.ceil(texts.length / ALONE)) {
      assert.deepEqual(timeless(await classifier.classify(request([texts[index] ?? ''], { priority: 'interactive' })))[0], expected[index]);
    }
  });

  it('have the same answers in requests of any size at the same time', async () => {
    const next = randomNumbers(8);
    const classifier = new Classifier(model, backend);
    const running: Promise<Decision[]>[] = [];
    for (let start = 0; start < texts.length; ) {
      const size = 1 + Math.floor(next() ** 4 * 400);
      running.push(classifier.classify(request(texts.slice(start, start + size), { priority: next() < 0.5 ? 'interactive' : 'scan' })));
      start += size;
    }
    assert.deepEqual(timeless((await Promise.all(running)).flat()), expected);
  });

  it('have the same answers from the cache', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'glance-exact-'));
    try {
      const file = path.join(folder, 'answers');
      const map = new PersistentMap(file);
      assert.deepEqual(timeless(await classify(texts, new StoredAnswers(map))), expected);
      map.flush();
      assert.deepEqual(timeless(await classify(texts, new StoredAnswers(new PersistentMap(file)))), expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('have the same answers from the process of the engine', async () => {
    const engine = new ChildEngine(path.join(DIST, 'engine.js'), SHIPPED);
    try {
      assert.deepEqual(timeless(await engine.classify({ task: 'comment-debt', texts, policy: { kind: 'promise', maxDisagreement: 0.01 }, priority: 'scan' })), expected);
    } finally {
      await engine.dispose();
    }
  });
}).timeout(300_000);
