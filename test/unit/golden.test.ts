import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Backend } from '../../src/core/backend';
import { Classifier } from '../../src/core/classifier';
import type { Decision } from '../../src/core/exits/decision';
import type { ExitPolicy } from '../../src/core/exits/policy';
import { loadModelPackage, type LoadedPackage, type ModelTask } from '../../src/core/model/model-package';
import type { TaskInput } from '../../src/core/tasks/task';
import { taskById } from '../../src/core/tasks/tasks';
import { NativeBackend } from '../../src/engine/native-backend';
import { WasmBackend } from '../../src/engine/wasm-backend';
import { LAST_EXIT } from '../last-exit';
import { SHIPPED } from './shipped';

/** What `python -m glance_training golden` writes. */
interface Golden {
  readonly modelVersion: string;
  readonly cases: readonly GoldenCase[];
}

interface GoldenCase {
  readonly task: string;
  /** As found; the task's preparation makes the text of it. */
  readonly row?: TaskInput;
  readonly text: string;
  readonly ids: readonly number[];
  /** [exits][labels] */
  readonly probabilities: readonly (readonly number[])[];
  /** Of every exit but the last. */
  readonly certainty: readonly number[];
}

const golden = JSON.parse(readFileSync(path.join(__dirname, '../fixtures/golden.json'), 'utf8')) as Golden;
const tasks = [...new Set(golden.cases.map(({ task }) => task))];
const casesOf = (id: string): GoldenCase[] => golden.cases.filter(({ task }) => task === id);
const near = (actual: number | undefined, expected: number | undefined, tolerance: number, what: string): void =>
  assert.ok(Math.abs((actual ?? NaN) - (expected ?? NaN)) < tolerance, `${what}: ${actual} instead of ${expected}`);

/** WebAssembly rounds a sum otherwise now and then, which may tip an activation over to the next of its 256 steps. */
const BACKENDS = { native: { open: (model: LoadedPackage) => NativeBackend.open(model), tolerance: 1e-3 }, wasm: { open: (model: LoadedPackage) => WasmBackend.open(model), tolerance: 1e-2 } };

/**
 * The Python side writes what its tokenizer and its own run of the shipped package give for tricky texts; this side must give
 * the same.
 */
describe('shipped model package against the Python reference', () => {
  let model: LoadedPackage;
  const taskOf = (id: string): ModelTask => {
    const task = model.tasks.get(id);
    assert.ok(task, `the package has no task ${id}`);
    return task;
  };

  before(async () => {
    model = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
  });

  it('is the package that the reference was written with', () => {
    assert.equal(golden.modelVersion, model.manifest.version);
    assert.deepEqual([...tasks].sort(), [...model.tasks.keys()].sort());
  });

  for (const { task, row, text, ids } of golden.cases) {
    it(`gives the same text and token ids for ${task} ${JSON.stringify(text.slice(0, 60))}`, () => {
      if (row) {
        assert.equal(taskById(task).prepare(row), text);
      }
      assert.deepEqual([...model.tokenizer.encode(text, taskOf(task).manifest.maximumTokens)], ids);
    });
  }

  for (const [name, { open, tolerance }] of Object.entries(BACKENDS)) {
    describe(`with the ${name} backend`, () => {
      let backend: Backend;
      const run = (id: string, texts: readonly string[], policy: ExitPolicy): Promise<Decision[]> =>
        new Classifier(model, backend).classify({ texts, task: taskOf(id), policy, priority: 'scan' });

      before(async () => {
        backend = await open(model);
      });
      after(() => backend?.dispose());

      for (const id of tasks) {
        const cases = casesOf(id);
        const texts = cases.map(({ text }) => text);

        it(`gives the same probabilities and certainty at every exit of ${id}`, async () => {
          const { labels } = taskOf(id).manifest;
          const decisions = await run(id, texts, { kind: 'full' });
          decisions.forEach(({ trace }, index) => {
            const expected = cases[index];
            assert.equal(trace.length, expected?.probabilities.length);
            for (const { exit, probabilities, certainty } of trace) {
              const where = `${JSON.stringify(expected?.text)}, exit ${exit}`;
              labels.forEach((label, at) => near(probabilities[at], expected?.probabilities[exit]?.[at], tolerance, `${where}, ${label}`));
              if (exit === trace.length - 1) {
                assert.equal(certainty, undefined, where);
              } else {
                near(certainty, expected?.certainty[exit], tolerance, `${where}, certainty`);
              }
            }
          });
        });

        it(`gives the very same answers alone and in company for ${id}`, async () => {
          for (const policy of [{ kind: 'full' }, { kind: 'certainty', threshold: 0.95 }, { kind: 'entropy', threshold: 0.3 }, { kind: 'patience', threshold: 2 }] as const) {
            const together = await run(id, texts, policy);
            for (const [index, text] of texts.entries()) {
              const [alone] = await run(id, [text], policy);
              assert.deepEqual({ ...alone, milliseconds: 0, exitMilliseconds: [] }, { ...together[index], milliseconds: 0, exitMilliseconds: [] }, text);
            }
          }
        });
      }

      it('uses fewer exits as the certainty threshold goes down', async () => {
        const texts = casesOf('comment-debt').map(({ text }) => text);
        const meanExit = async (policy: ExitPolicy): Promise<number> => (await run('comment-debt', texts, policy)).reduce((sum, { exit }) => sum + exit, 0) / texts.length;
        const means = [await meanExit({ kind: 'full' }), await meanExit({ kind: 'certainty', threshold: 0.999 }), await meanExit({ kind: 'certainty', threshold: 0.9 }), await meanExit({ kind: 'certainty', threshold: 1e-9 })];
        assert.deepEqual(means, [...means].sort((a, b) => b - a));
        assert.equal(means[0], LAST_EXIT);
        assert.equal(means[3], 0);
      });
    });
  }
});
