import assert from 'node:assert/strict';
import type { Decision } from '../../src/core/exits/decision';
import type { ClassifyRequest, Engine, ModelDescription } from '../../src/engine/engine';
import { EnginePool } from '../../src/engine/engine-pool';

const REQUEST: ClassifyRequest = { task: 'comment-debt', texts: ['todo'], policy: { kind: 'full' } };

/** An engine that answers when it is told to. */
class WaitingEngine implements Engine {
  asked = 0;
  disposed = false;
  ready: (error?: Error) => void = () => undefined;
  private answers: (() => void)[] = [];

  describe(signal?: AbortSignal): Promise<ModelDescription> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
      this.ready = (error) => (error ? reject(error) : resolve({} as ModelDescription));
    });
  }

  classify(): Promise<Decision[]> {
    this.asked += 1;
    return new Promise((resolve) => this.answers.push(() => resolve([])));
  }

  answer(): void {
    this.answers.splice(0).forEach((answer) => answer());
  }

  teach(): never {
    throw new Error('not asked for');
  }

  findComments(): never {
    throw new Error('not asked for');
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}

describe('EnginePool', () => {
  let engines: WaitingEngine[];
  const pool = (largeJob: number): EnginePool =>
    new EnginePool(
      2,
      (number) => {
        assert.equal(number, engines.length);
        engines.push(new WaitingEngine());
        return engines.at(-1) as WaitingEngine;
      },
      largeJob,
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  /** Asks for a number of texts, one by one, and waits for none. */
  const ask = (of: EnginePool, count: number): Promise<unknown> => Promise.all(Array.from({ length: count }, () => of.classify(REQUEST)));

  beforeEach(() => {
    engines = [];
  });

  const asked = () => engines.map((engine) => engine.asked);

  it('does a short job with one engine, a few requests at a time', async () => {
    const answered = ask(pool(60_000), 6);
    await settle();
    assert.deepEqual(asked(), [4]);
    engines[0]?.answer();
    await settle();
    engines[0]?.answer();
    await answered;
    assert.deepEqual(asked(), [6]);
  });

  it('opens another for a long one, which gets what waits once it is ready', async () => {
    const answered = ask(pool(0), 9);
    await settle();
    assert.deepEqual(asked(), [4, 0]);
    engines[1]?.ready();
    await settle();
    assert.deepEqual(asked(), [4, 4]);
    engines[1]?.answer();
    await settle();
    assert.deepEqual(asked(), [4, 5]);
    engines.forEach((engine) => engine.answer());
    await answered;
  });

  it('does without one that cannot be opened, and tries no other', async () => {
    const answered = ask(pool(0), 8);
    engines[1]?.ready(new Error('no such library'));
    await settle();
    engines[0]?.answer();
    await settle();
    engines[0]?.answer();
    await answered;
    assert.deepEqual(engines.map((engine) => [engine.asked, engine.disposed]), [[8, false], [0, true]]);
  });

  it('does not wait for the engine that it opens when it is disposed of, and ends all', async () => {
    const disposed = pool(0);
    void ask(disposed, 5);
    await disposed.dispose();
    assert.equal(engines.length, 2);
    assert.ok(engines.every((engine) => engine.disposed));
  });
});
