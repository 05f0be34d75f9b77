import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { classify } from '../../src/core/classify';
import type { Decision } from '../../src/core/exits/decision';
import type { ExitPolicy } from '../../src/core/exits/policy';
import { loadModelPackage, type ModelPackage } from '../../src/core/model/model-package';
import { NativeBackend } from '../../src/engine/native-backend';
import golden from '../fixtures/golden.json';
import { SHIPPED } from './shipped';

/**
 * The Python side writes what its tokenizer and its own run of the shipped package give for tricky texts
 * (`python -m glance_training golden`); this side must give the same.
 */
describe('shipped model package against the Python reference', () => {
  let model: ModelPackage;
  let backend: NativeBackend;
  const texts = golden.cases.map(({ text }) => text);
  const run = async (texts: readonly string[], policy: ExitPolicy): Promise<Decision[]> => {
    const task = model.tasks.get('comment-debt');
    assert.ok(task);
    return classify(texts, task, policy, model, backend);
  };

  before(async () => {
    model = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
    backend = await NativeBackend.open(model);
  });
  after(() => backend.dispose());

  it('is the package that the reference was written with', () => {
    const { version } = JSON.parse(readFileSync(path.join(SHIPPED.model, 'model.json'), 'utf8')) as { version: string };
    assert.equal(golden.modelVersion, version);
  });

  for (const { text, ids } of golden.cases) {
    it(`gives the same token ids for ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.deepEqual([...model.tokenizer.encode(text)], ids);
    });
  }

  it('gives the same probabilities at every exit', async () => {
    const decisions = await run(texts, { kind: 'full' });
    decisions.forEach(({ trace }, index) => {
      const expected = golden.cases[index]?.probabilities ?? [];
      assert.equal(trace.length, expected.length);
      trace.forEach(({ exit, probabilities }) => {
        probabilities.forEach((probability, label) => {
          const reference = expected[exit]?.[label] ?? NaN;
          assert.ok(Math.abs(probability - reference) < 1e-3, `${JSON.stringify(texts[index])}, exit ${exit}, label ${label}: ${probability} instead of ${reference}`);
        });
      });
    });
  });

  it('gives the same answers alone and in company', async () => {
    for (const policy of [{ kind: 'full' }, { kind: 'entropy', threshold: 0.3 }, { kind: 'patience', threshold: 2 }] as const) {
      const together = await run(texts, policy);
      for (const [index, text] of texts.entries()) {
        const [alone] = await run([text], policy);
        assert.deepEqual([alone?.label, alone?.exit], [together[index]?.label, together[index]?.exit], text);
        assert.ok(Math.abs((alone?.confidence ?? 0) - (together[index]?.confidence ?? 1)) < 1e-6, text);
      }
    }
  });

  it('uses fewer exits as the entropy threshold goes up', async () => {
    const meanExit = async (threshold: number): Promise<number> =>
      (await run(texts, { kind: 'entropy', threshold })).reduce((sum, { exit }) => sum + exit, 0) / texts.length;
    const means = [await meanExit(0), await meanExit(0.1), await meanExit(0.5), await meanExit(2)];
    assert.deepEqual(means, [...means].sort((a, b) => b - a));
    assert.equal(means[0], 6);
    assert.equal(means[3], 0);
  });
});
