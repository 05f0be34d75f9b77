import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AnswerCache } from '../../src/core/answer-cache';
import { Classifier } from '../../src/core/classifier';
import { isByExitZeroAlone, NO_ENCODER, withoutEncoder } from '../../src/core/exit-zero-alone';
import type { Decision } from '../../src/core/exits/decision';
import type { ExitPolicy } from '../../src/core/exits/policy';
import { PersistentMap } from '../../src/engine/persistent-map';
import { StoredAnswers } from '../../src/engine/stored-answers';
import { StoredComments } from '../../src/engine/stored-comments';
import { TinyBackend, tinyPackage } from './tiny-package';

describe('caches', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'glance-cache-'));
    file = path.join(folder, 'of', 'a', 'model.txt');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('a persistent map', () => {
    it('remembers what another instance has written', () => {
      const map = new PersistentMap(file);
      map.set('key', 'value');
      map.set('key', 'later');
      assert.equal(map.get('key'), 'later');
      assert.equal(new PersistentMap(file).get('key'), undefined, 'nothing has been written yet');
      map.flush();
      assert.equal(new PersistentMap(file).get('key'), 'later');
    });

    it('takes the lines of several writers', () => {
      const maps = [1, 2, 3].map(() => new PersistentMap(file));
      for (let round = 0; round < 50; round += 1) {
        maps.forEach((map, writer) => {
          map.set(`${writer}-${round}`, 'x'.repeat(round));
          map.flush();
        });
      }
      const all = new PersistentMap(file);
      maps.forEach((_, writer) => assert.equal(all.get(`${writer}-49`), 'x'.repeat(49)));
    });

    it('passes over lines that a crash, another writer or a bad disk has spoilt', () => {
      const map = new PersistentMap(file);
      map.set('good', 'value');
      map.set('other', 'value');
      map.flush();
      const written = readFileSync(file, 'utf8');
      for (const damage of [written.slice(0, -3), written.slice(3), written.replace('value', 'fault'), `\0\0${written}`, written.replaceAll('\n', ' ')]) {
        writeFileSync(file, damage);
        appendFileSync(file, `\n${written}`);
        assert.equal(new PersistentMap(file).get('good'), 'value');
        writeFileSync(file, damage);
        assert.ok(['value', undefined].includes(new PersistentMap(file).get('other')));
      }
    });

    it('forgets the oldest half when it is full', () => {
      const map = new PersistentMap(file);
      for (let index = 0; index <= 200_000; index += 1) {
        map.set(String(index), 'x');
      }
      assert.deepEqual([map.get('0'), map.get('200000')], [undefined, 'x']);
      assert.deepEqual([new PersistentMap(file).get('0'), new PersistentMap(file).get('200000')], [undefined, 'x']);
      assert.deepEqual(readdirSync(path.dirname(file)), ['model.txt']);
    }).timeout(60_000);

    it('forgets, and fails nobody, where nothing can be written or read', () => {
      writeFileSync(path.join(folder, 'of'), 'a file in the way');
      const map = new PersistentMap(file);
      map.set('key', 'value');
      map.flush();
      map.flush();
      assert.equal(map.get('key'), 'value');
      assert.equal(new PersistentMap(file).get('key'), undefined);
    });
  });

  describe('of answers', () => {
    const TEXTS = ['ok', 'todo fix this', 'maybe', 'this', 'fix fixs', 'maybe maybe this ok todo fix this ok', 'fix this maybe'];

    async function run(policy: ExitPolicy, cache: AnswerCache, backend = new TinyBackend(), id = 'tiny-task', fresh = false): Promise<Decision[]> {
      const model = await tinyPackage();
      const task = model.tasks.get(id);
      assert.ok(task);
      return new Classifier(model, backend, cache).classify({ texts: TEXTS, task, policy, priority: 'scan', fresh });
    }
    const timeless = (decisions: readonly Decision[]): unknown => decisions.map((decision) => ({ ...decision, milliseconds: 0, exitMilliseconds: [] }));

    it('gives the same answers without the encoder, in another process too', async () => {
      const map = new PersistentMap(file);
      const first = await run({ kind: 'full' }, new StoredAnswers(map));
      map.flush();
      const backend = new TinyBackend();
      assert.deepEqual(timeless(await run({ kind: 'full' }, new StoredAnswers(new PersistentMap(file)), backend)), timeless(first));
      assert.deepEqual(backend.calls, []);
    });

    it('serves every policy: a text goes through the encoder again only to get further', async () => {
      const policies = [{ kind: 'entropy', threshold: 1 }, { kind: 'certainty', threshold: 0.9 }, { kind: 'full' }, { kind: 'entropy', threshold: 0.5 }] as const;
      const cache = new StoredAnswers(new PersistentMap(file));
      for (const policy of policies) {
        const backend = new TinyBackend();
        const cached = await run(policy, cache, backend);
        assert.deepEqual(timeless(cached), timeless(await run(policy, new StoredAnswers(new PersistentMap(`${file}.none`)))));
        const again = new TinyBackend();
        await run(policy, cache, again);
        assert.deepEqual(again.calls, []);
        assert.equal(backend.calls.length === 0, policy === policies[3], policy.kind);
      }
    });

    it('is passed by where a text is to be reckoned anew', async () => {
      const cache = new StoredAnswers(new PersistentMap(file));
      const first = await run({ kind: 'full' }, cache);
      const backend = new TinyBackend();
      assert.deepEqual(timeless(await run({ kind: 'full' }, cache, backend, 'tiny-task', true)), timeless(first));
      assert.ok(backend.calls.length > 0);
    });

    it('tells tasks apart', async () => {
      const cache = new StoredAnswers(new PersistentMap(file));
      await run({ kind: 'full' }, cache);
      const backend = new TinyBackend();
      await run({ kind: 'full' }, cache, backend, 'tiny-topics');
      assert.ok(backend.calls.length > 0);
    });

    it('keeps nothing of exit 0 alone, which would pass for answers of the package', async () => {
      const stored: string[] = [];
      const cache: AnswerCache = { get: () => undefined, set: (task) => void stored.push(task) };
      const whole = await tinyPackage();
      for (const [model, backend] of [[withoutEncoder(whole), NO_ENCODER], [whole, new TinyBackend()]] as const) {
        const task = model.tasks.get('tiny-task');
        assert.ok(task);
        const decisions = await new Classifier(model, backend, cache).classify({ texts: TEXTS, task, policy: { kind: 'full' }, priority: 'scan' });
        assert.ok(decisions.every((decision) => isByExitZeroAlone(decision) === (backend === NO_ENCODER)));
        assert.equal(stored.length, backend === NO_ENCODER ? 0 : TEXTS.length);
      }
    });

    it('tells nobody what was classified', async () => {
      const map = new PersistentMap(file);
      await run({ kind: 'full' }, new StoredAnswers(map));
      map.flush();
      assert.doesNotMatch(readFileSync(file, 'latin1'), /todo|fix|maybe/u);
    });
  });

  it('of comments gives the same comments for the same source and language alone', () => {
    const source = '// one\nconst a = 1; /* two */';
    const found = { foundBy: 'grammar', ignored: 2, snippets: [{ text: 'one', range: { start: 0, end: 6 } }, { text: 'two', range: { start: 20, end: 29 } }] } as const;
    const comments = new StoredComments(new PersistentMap(file));
    comments.set(source, 'typescript', { ...found, snippets: [...found.snippets] });
    comments.set('', 'sql', { foundBy: 'markers', ignored: 0, snippets: [] });
    assert.deepEqual(comments.get(source, 'typescript'), found);
    assert.deepEqual(comments.get('', 'sql'), { foundBy: 'markers', ignored: 0, snippets: [] });
    assert.deepEqual([comments.get(source, 'javascript'), comments.get(`${source} `, 'typescript')], [undefined, undefined]);
  });
});
