import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ModelPackageError } from '../../src/core/model/error';
import { ChildEngine } from '../../src/engine/child-engine';
import { EngineDiedError } from '../../src/engine/engine-died';
import type { Engine } from '../../src/engine/engine';
import { LocalEngine } from '../../src/engine/local-engine';
import { engineArguments } from '../../src/engine/protocol';
import { SupervisedEngine, type EngineState, type MortalEngine } from '../../src/engine/supervised-engine';
import { ThreadEngine } from '../../src/engine/thread-engine';
import { isAlive } from './processes';
import { DIST, SHIPPED } from './shipped';
import { TinyEngine } from './tiny-engine';

const TEXTS = ['TODO: this is a hack', 'Returns the name of the item.', 'not implemented yet'];
const REQUEST = { task: 'comment-debt', texts: TEXTS, policy: { kind: 'entropy', threshold: 0.3 } } as const;
const SERVER = path.join(DIST, 'engine.js');

const startChild = (): ChildEngine => new ChildEngine(SERVER, SHIPPED);
const answers = async (engine: Engine): Promise<unknown> => (await engine.classify(REQUEST)).map(({ label, confidence, exit }) => ({ label, confidence, exit }));

describe('engine in a child process', () => {
  it('answers as the engine in this process does', async () => {
    const [local, child] = [new LocalEngine(SHIPPED), startChild()];
    try {
      assert.deepEqual(await answers(child), await answers(local));
      assert.deepEqual(await child.describe(), await local.describe());
      const request = { source: '// one\nlet a; // two', language: 'typescript' };
      assert.deepEqual(await child.findComments(request), await local.findComments(request));
    } finally {
      await Promise.all([local.dispose(), child.dispose()]);
    }
  });

  it('gives errors back as what they were', async () => {
    const child = startChild();
    try {
      await assert.rejects(child.classify({ ...REQUEST, task: 'no-such-task' }), { name: 'RangeError', message: /no task "no-such-task"/u });
      await assert.rejects(child.classify({ ...REQUEST, policy: { kind: 'patience', threshold: 0.5 } }), { name: 'RangeError', message: /1 or more: not 0\.5/u });
      await assert.rejects(child.findComments({ source: '', language: 'klingon' }), { name: 'RangeError', message: /klingon/u });
    } finally {
      await child.dispose();
    }
  });

  it('names the file of a broken model package, and loads it once it is mended', async () => {
    const model = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'));
    await cp(SHIPPED.model, model, { recursive: true });
    await truncate(path.join(model, 'segment-1.onnx'), 1000);
    const child = new ChildEngine(SERVER, { ...SHIPPED, model });
    try {
      await assert.rejects(child.classify(REQUEST), (error) => error instanceof ModelPackageError && error.file === 'segment-1.onnx');
      await cp(path.join(SHIPPED.model, 'segment-1.onnx'), path.join(model, 'segment-1.onnx'));
      assert.equal((await child.classify(REQUEST)).length, TEXTS.length);
    } finally {
      await child.dispose();
      await rm(model, { recursive: true });
    }
  });

  it('rejects with the reason of the signal when cancelled, and goes on to answer', async () => {
    const child = startChild();
    try {
      await child.describe();
      const controller = new AbortController();
      const cancelled = child.classify({ ...REQUEST, texts: Array<string>(2000).fill(TEXTS[2] ?? ''), policy: { kind: 'full' } }, controller.signal);
      controller.abort(new Error('typed on'));
      await assert.rejects(cancelled, /typed on/u);
      assert.equal((await child.classify(REQUEST)).length, TEXTS.length);
    } finally {
      await child.dispose();
    }
  });

  it('is told from a wrong answer when the process dies', async () => {
    const child = startChild();
    const pending = child.classify(REQUEST);
    process.kill(child.processId ?? 0, 'SIGKILL');
    await assert.rejects(pending, EngineDiedError);
    await assert.rejects(child.classify(REQUEST), EngineDiedError);
    assert.match(await child.ended, process.platform === 'win32' ? /exit status/u : /SIGKILL/u);
  });

  it('leaves no process behind', async () => {
    const child = startChild();
    await child.describe();
    const pid = child.processId ?? 0;
    assert.ok(isAlive(pid));
    await child.dispose();
    assert.ok(!isAlive(pid));
  });

  it('ends with the process that started it, whatever way that went', async () => {
    const parent = spawn(process.execPath, ['-e', `
      const child = require('node:child_process').fork(${JSON.stringify(SERVER)}, ${JSON.stringify(engineArguments({ files: SHIPPED, options: {} }))}, { silent: true });
      console.log(child.pid);
      setInterval(() => {}, 1000);
    `]);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    assert.ok(isAlive(pid));
    parent.kill('SIGKILL');
    while (isAlive(pid)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('says so when the process cannot be started', async () => {
    const child = new ChildEngine(path.join(DIST, 'no-such-file.js'), SHIPPED);
    await assert.rejects(child.describe(), /Cannot find module|exit status 1/u);
  });
});

describe('supervised engine', () => {
  const quick = [0, 1, 1];

  it('starts nothing before it is asked, and one engine for many requests', async () => {
    const started: ChildEngine[] = [];
    const engine = new SupervisedEngine(() => {
      const child = startChild();
      started.push(child);
      return child;
    });
    assert.equal(started.length, 0);
    await Promise.all([answers(engine), answers(engine), engine.describe()]);
    assert.equal(started.length, 1);
    await engine.dispose();
    await started[0]?.ended;
  });

  it('restarts an engine that was killed, and answers what was under way', async () => {
    const started: ChildEngine[] = [];
    const states: EngineState['kind'][] = [];
    const engine = new SupervisedEngine(
      () => {
        const child = startChild();
        started.push(child);
        return child;
      },
      ({ kind }) => states.push(kind),
      quick,
    );
    const expected = await answers(engine);
    const pending = answers(engine);
    process.kill(started[0]?.processId ?? 0, 'SIGKILL');
    assert.deepEqual(await pending, expected);
    assert.deepEqual(await answers(engine), expected);
    assert.equal(started.length, 2);
    assert.deepEqual(states, ['running', 'off', 'waiting', 'running']);
    await engine.dispose();
  });

  it('answers what was under way in its own thread when it is restarted, by the next engine', async () => {
    let starts = 0;
    /** Is at work until it is disposed of, and then fails as ONNX Runtime does whose session is released. */
    class BusyEngine extends TinyEngine {
      private fail: (error: Error) => void = () => undefined;

      override classify(): Promise<never> {
        return new Promise((_, reject) => (this.fail = reject));
      }

      override dispose(): Promise<void> {
        this.fail(new Error('invalid session id'));
        return Promise.resolve();
      }
    }
    const engine = new SupervisedEngine(() => {
      starts += 1;
      return new ThreadEngine(starts === 1 ? new BusyEngine() : new TinyEngine());
    });
    const pending = engine.classify(REQUEST);
    assert.equal((await engine.describe()).backend, 'tiny');
    await engine.restart();
    assert.equal((await pending).length, TEXTS.length);
    assert.equal(starts, 2);
    await engine.dispose();
    await assert.rejects(engine.describe());
  });

  it('gives up after deaths in a row, says why, and tries again when told to', async () => {
    let starts = 0;
    const stillborn = (): MortalEngine => {
      starts += 1;
      const dead = (): Promise<never> => Promise.reject(new EngineDiedError('it ended with exit status 7'));
      return { describe: dead, classify: dead, teach: dead, findComments: dead, dispose: () => Promise.resolve(), ended: Promise.resolve('it ended with exit status 7') };
    };
    const states: EngineState[] = [];
    const engine = new SupervisedEngine(stillborn, (state) => states.push(state), quick);
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(engine.describe(), /died 3 times in a row; the last time it ended with exit status 7/u);
    }
    assert.equal(starts, 3);
    assert.deepEqual(states.at(-1), { kind: 'failed', reason: 'it ended with exit status 7' });
    await engine.restart();
    await assert.rejects(engine.describe(), /died 3 times in a row/u);
    assert.equal(starts, 6);
    await engine.dispose();
  });

  it('gives up on an engine that cuts comments and dies of every classification', async () => {
    let starts = 0;
    const frail = (): MortalEngine => {
      starts += 1;
      let end: (reason: string) => void = () => undefined;
      const ended = new Promise<string>((resolve) => (end = resolve));
      const die = (): Promise<never> => {
        end('it ended with signal SIGILL');
        return Promise.reject(new EngineDiedError('it ended with signal SIGILL'));
      };
      return { describe: die, classify: die, teach: die, findComments: () => Promise.resolve({ snippets: [], ignored: 0, foundBy: 'grammar' }), dispose: () => Promise.resolve(), ended };
    };
    const engine = new SupervisedEngine(frail, undefined, quick);
    for (let edit = 0; edit < 5; edit += 1) {
      await engine.findComments({ source: '', language: 'c' }).catch(() => undefined);
      await assert.rejects(engine.classify(REQUEST));
    }
    assert.equal(starts, 3);
    await engine.dispose();
  });

  it('starts at once when told to restart during a pause', async () => {
    let starts = 0;
    const stillbornOnce = (): MortalEngine => {
      starts += 1;
      return starts === 1
        ? { describe: () => Promise.reject(new EngineDiedError('of birth')), classify: () => Promise.resolve([]), teach: () => Promise.reject(new Error()), findComments: () => Promise.reject(new Error()), dispose: () => Promise.resolve(), ended: Promise.resolve('of birth') }
        : startChild();
    };
    // A pause beyond the time limit of this test.
    const engine = new SupervisedEngine(stillbornOnce, undefined, [0, 600_000]);
    const answer = engine.describe();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await engine.restart();
    assert.equal((await answer).name, 'glance-minilm');
    await engine.dispose();
  });

  it('lets go at once of what is no longer wanted, in the middle of a pause', async () => {
    const mortal = (): MortalEngine => {
      const died = (): Promise<never> => Promise.reject(new EngineDiedError('it ended'));
      return { describe: died, classify: died, teach: died, findComments: died, dispose: () => Promise.resolve(), ended: Promise.resolve('it ended') };
    };
    const controller = new AbortController();
    const engine = new SupervisedEngine(mortal, ({ kind }) => kind === 'waiting' && controller.abort(new Error('typed on')), [0, 1e9]);
    await assert.rejects(engine.classify(REQUEST, controller.signal), /typed on/u);
    await engine.dispose();
  });

  it('answers nothing after it was disposed of', async () => {
    const engine = new SupervisedEngine(startChild);
    await engine.dispose();
    await assert.rejects(engine.describe(), /shut down/u);
  });
});
