import { Tensor } from 'onnxruntime-node';
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Classifier } from '../../src/core/classifier';
import type { Decision } from '../../src/core/exits/decision';
import { resolvePolicy } from '../../src/core/exits/policy-choice';
import { NO_ENCODER, withoutEncoder } from '../../src/core/exit-zero-alone';
import { ModelPackageError } from '../../src/core/model/error';
import { loadModelPackage } from '../../src/core/model/model-package';
import { CommentSource } from '../../src/core/sources/comments/comments';
import { languageById } from '../../src/core/sources/comments/languages';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { openFirst, type BackendCandidate } from '../../src/engine/backends';
import { ChildEngine } from '../../src/engine/child-engine';
import { EngineDiedError } from '../../src/engine/engine-died';
import { describeDegradation, promiseHere, type Avoided, type Engine, type ModelDescription } from '../../src/engine/engine';
import { absenceHere, chooseGpu, isDegraded, mayUseGpu, probeKey, type GpuProvider, type ProbeResult } from '../../src/engine/execution-provider';
import { LocalEngine } from '../../src/engine/local-engine';
import { NativeBackend } from '../../src/engine/native-backend';
import { openSessions, type OnnxRuntime } from '../../src/engine/onnx-backend';
import { probeProvider } from '../../src/engine/probe';
import { recallProbe } from '../../src/engine/probe-memory';
import { SupervisedEngine, type MortalEngine } from '../../src/engine/supervised-engine';
import { WasmBackend } from '../../src/engine/wasm-backend';
import { DIST, LIB_DOM, SHIPPED } from './shipped';
import { TinyBackend, tinyPackage } from './tiny-package';

const TEXTS = ['TODO: this is a hack', 'Returns the name of the item.', 'not implemented yet'];
const REQUEST = { task: 'comment-debt', texts: TEXTS, policy: { kind: 'full' } } as const;

const works = (name: string): BackendCandidate => ({ name, open: () => Promise.resolve(Object.assign(new TinyBackend(), { name })) });
const fails = (name: string, error: Error): BackendCandidate => ({ name, open: () => Promise.reject(error) });

describe('choice of a backend', () => {
  it('takes the first that opens, and says why not those before it', async () => {
    const { backend, notTaken } = await openFirst(await tinyPackage(), [fails('native', new Error('blocked by policy\nRequire stack:\n- /a')), works('wasm')]);
    assert.equal(backend.name, 'wasm');
    assert.deepEqual(notTaken, [{ name: 'native', reason: 'blocked by policy' }]);
  });

  it('does not open more than it takes', async () => {
    const { backend, notTaken } = await openFirst(await tinyPackage(), [works('native'), fails('wasm', new Error('was opened'))]);
    assert.deepEqual([backend.name, notTaken], ['native', []]);
  });

  it('leaves the answer to exit 0 when nothing opens', async () => {
    const refused = new ModelPackageError('segment-1.onnx', 'is not a graph');
    const { model, backend, notTaken } = await openFirst(await tinyPackage(), [fails('native', new Error('no binary')), fails('wasm', refused)]);
    assert.equal(backend.name, 'exit-0');
    assert.deepEqual(notTaken.map(({ name }) => name), ['native', 'wasm']);
    assert.deepEqual([...model.tasks.values()].map(({ heads }) => heads.length), [0, 0]);
  });

  it('blames the package when every backend does', async () => {
    const refused = new ModelPackageError('segment-1.onnx', 'is not a graph');
    await assert.rejects(openFirst(await tinyPackage(), [fails('native', refused), fails('wasm', refused)]), refused);
  });
});

describe('exit 0 alone', () => {
  it('answers as exit 0 of the whole model does, whatever the policy', async () => {
    const model = await tinyPackage();
    const texts = ['ok', 'maybe', 'todo fix this', ''];
    for (const [id, task] of model.tasks) {
      const alone = withoutEncoder(model);
      const taskAlone = alone.tasks.get(id);
      assert.ok(taskAlone);
      const whole = await new Classifier(model, new TinyBackend()).classify({ texts, task, policy: { kind: 'full' }, priority: 'scan' });
      for (const policy of [{ kind: 'full' }, { kind: 'certainty', threshold: 1 }, { kind: 'patience', threshold: 3 }] as const) {
        const decisions = await new Classifier(alone, NO_ENCODER).classify({ texts, task: taskAlone, policy, priority: 'scan' });
        for (const [index, decision] of decisions.entries()) {
          const first = whole[index]?.trace[0];
          assert.deepEqual([decision.exit, decision.lastExit, decision.trace.length, decision.engine], [0, 0, 1, 'exit-0']);
          assert.deepEqual([decision.label, decision.labels, decision.trace[0]?.probabilities], [first?.label, first?.labels, first?.probabilities]);
          // It is certain of nothing but itself.
          assert.equal(decision.trace[0]?.certainty, undefined);
        }
      }
    }
  });
});

describe('a segment', () => {
  it("is refused where it takes or gives other shapes than the manifest's", async () => {
    const model = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
    const { encoder } = model.manifest;
    const narrow = { ...model, manifest: { ...model.manifest, encoder: { ...encoder, hiddenSize: 4 } } };
    for (const Kind of [NativeBackend, WasmBackend]) {
      await assert.rejects(Kind.open(narrow), (error) => error instanceof ModelPackageError && error.file === 'segment-1.onnx' && error.message.includes("cannot take hidden states of the manifest's size, 4"));
    }
  });

  const floats = (...dims: number[]) => new Tensor('float32', new Float32Array(dims.reduce((product, size) => product * size, 1)), dims);
  const right = { states: floats(1, 2, 384), pooled: floats(1, 384) };
  const wrong: [what: string, outputs: Record<string, Tensor>, message: RegExp | undefined][] = [
    ['nothing wrong', right, undefined],
    ['a pooled vector per token', { ...right, pooled: floats(1, 2, 384) }, /segment-1\.onnx gives pooled of shape \[1, 2, 384\] \(float32\) instead of \[1, 384\]/u],
    ['narrower states', { ...right, states: floats(1, 2, 4) }, /segment-1\.onnx gives states of shape \[1, 2, 4\]/u],
    ['whole numbers', { ...right, pooled: new Tensor('int32', new Int32Array(384), [1, 384]) }, /gives pooled of shape \[1, 384\] \(int32\) instead of \[1, 384\] \(float32\)/u],
  ];
  for (const [what, outputs, message] of wrong) {
    it(`is ${message ? 'refused' : 'taken'} where it gives ${what}`, async () => {
      const { segments: [first], ...model } = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
      const session = (given: Record<string, Tensor>): unknown => ({ inputNames: ['hidden', 'mask'], outputNames: Object.keys(given), run: () => Promise.resolve(given), release: () => Promise.resolve() });
      // Two, since the last gives no states.
      const sessions = [session(outputs), session({ pooled: right.pooled })];
      const runtime = { Tensor, InferenceSession: { create: () => Promise.resolve(sessions.shift()) } } as unknown as OnnxRuntime;
      const open = openSessions(runtime, {}, { ...model, segments: [first, first].flatMap((segment) => segment ?? []) });
      await (message ? assert.rejects(open, { name: 'ModelPackageError', message }) : open);
    });
  }
});

describe('WASM backend', () => {
  /**
   * Sums are added up in another order than natively. Where an activation then lies on the other side of the border between two
   * 8-bit steps, the confidence moves a little, seldom enough to be seen.
   */
  for (const policy of [{ kind: 'promise' }, { kind: 'full' }] as const) {
    it(`decides on real comments as the native backend does (${policy.kind})`, async () => {
      const model = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
      const task = model.tasks.get(COMMENT_DEBT.id);
      const language = languageById('typescript');
      assert.ok(task && language);
      const source = new CommentSource((file) => readFile(path.join(SHIPPED.grammars, file)));
      const { snippets } = await source.find((await readFile(LIB_DOM, 'utf8')).slice(0, 150_000), language);
      const texts = [...new Set(snippets.map(({ text }) => text))].slice(0, 150);
      const decide = async (Kind: typeof NativeBackend | typeof WasmBackend): Promise<Decision[]> => {
        const backend = await Kind.open(model);
        const decisions = await new Classifier(model, backend).classify({ texts, task, policy: resolvePolicy(policy, task.manifest), priority: 'scan' });
        await backend.dispose();
        return decisions;
      };
      const [native, wasm] = [await decide(NativeBackend), await decide(WasmBackend)];
      const share = (holds: (native: Decision, wasm: Decision | undefined) => boolean): number => native.filter((decision, index) => holds(decision, wasm[index])).length / texts.length;
      assert.equal(texts.length, 150);
      assert.ok(share((a, b) => a.exit === b?.exit && a.labels.join() === b.labels.join()) >= 0.99);
      assert.ok(share((a, b) => Math.abs(a.confidence - (b?.confidence ?? NaN)) < 1e-2) === 1);
      assert.ok(share((a, b) => Math.abs(a.confidence - (b?.confidence ?? NaN)) < 1e-6) >= 0.9);
    });
  }
});

/** Damages an installation. */
type Damage = (modules: string) => Promise<void>;

const NATIVE = `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`;
const WASM = 'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm';

describe('engine of a damaged installation', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** The engine as built, with copies of ONNX Runtime to damage. */
  async function install(...damages: Damage[]): Promise<string> {
    const modules = path.join(folder, 'node_modules');
    await mkdir(modules);
    for (const name of ['onnxruntime-node', 'onnxruntime-web', 'onnxruntime-common']) {
      await cp(path.join(DIST, 'node_modules', name), path.join(modules, name), { recursive: true });
    }
    await cp(path.join(DIST, 'engine.js'), path.join(folder, 'engine.js'));
    for (const damage of damages) {
      await damage(modules);
    }
    return path.join(folder, 'engine.js');
  }

  const noBinary: Damage = (modules) => rm(path.join(modules, NATIVE), { recursive: true });
  const corruptBinary: Damage = (modules) => writeFile(path.join(modules, NATIVE, 'onnxruntime_binding.node'), 'no library');
  const corruptWasm: Damage = (modules) => writeFile(path.join(modules, WASM), 'no WebAssembly');

  async function withChild(server: string, use: (engine: Engine) => Promise<void>): Promise<void> {
    const engine = new ChildEngine(server, SHIPPED);
    try {
      await use(engine);
    } finally {
      await engine.dispose();
    }
  }

  for (const [what, damage] of [['has no native library', noBinary], ['has a corrupt native library', corruptBinary]] as const) {
    it(`falls back to WASM when it ${what}, with the same answers`, async () => {
      await withChild(await install(damage), async (engine) => {
        const description = await engine.describe();
        assert.deepEqual([description.backend, description.degraded], ['wasm', true]);
        assert.deepEqual(description.notTaken.map(({ name }) => name), ['native']);
        assert.match(describeDegradation(description), /WebAssembly.*native \(.*onnxruntime_binding\.node/u);
        const local = new LocalEngine(SHIPPED);
        const [expected, found] = [await local.classify(REQUEST), await engine.classify(REQUEST)];
        await local.dispose();
        assert.deepEqual(found.map(({ label, exit, engine: name }) => [label, exit, name]), expected.map(({ label, exit }) => [label, exit, 'wasm']));
      });
    });
  }

  it('means to use WASM where it was packaged without the native library', async () => {
    await withChild(await install((modules) => rm(path.join(modules, 'onnxruntime-node'), { recursive: true })), async (engine) => {
      const { backend, degraded, notTaken } = await engine.describe();
      assert.deepEqual({ backend, degraded, notTaken }, { backend: 'wasm', degraded: false, notTaken: [] });
      assert.deepEqual((await engine.classify(REQUEST)).map(({ engine: name }) => name), TEXTS.map(() => 'wasm'));
    });
  });

  it('falls back to exit 0 when WASM fails too, and keeps no promise', async () => {
    await withChild(await install(noBinary, corruptWasm), async (engine) => {
      const description = await engine.describe();
      assert.deepEqual([description.backend, description.degraded, description.notTaken.map(({ name }) => name)], ['exit-0', true, ['native', 'wasm']]);
      assert.match(describeDegradation(description), /Exit 0 answers alone.*native \(.*\) and wasm \(.*\)\.$/u);
      for (const task of description.tasks) {
        assert.deepEqual(promiseHere(0.02, task), { kind: 'no-encoder' });
      }
      const decisions = await engine.classify(REQUEST);
      assert.deepEqual(decisions.map(({ exit, engine: name }) => [exit, name]), TEXTS.map(() => [0, 'exit-0']));
      assert.notEqual(decisions[0]?.label, 'none');
    });
  });

  it('does without the native library after it crashed the engine twice as it loaded, until it is restarted', async () => {
    const server = await install((modules) => writeFile(path.join(modules, 'onnxruntime-node/dist/index.js'), 'process.abort();'));
    const starts: (Avoided | undefined)[] = [];
    const start = (avoided: Avoided | undefined): ChildEngine => {
      starts.push(avoided);
      return new ChildEngine(server, SHIPPED, { avoided });
    };
    const engine = new SupervisedEngine(start, undefined, [0, 1, 1, 1]);
    try {
      // The first request may be given up before the engine without the library is started.
      const [decision] = await engine.classify(REQUEST).catch(() => engine.classify(REQUEST));
      assert.equal(decision?.engine, 'wasm');
      assert.match((await engine.describe()).notTaken[0]?.reason ?? '', /crashed the engine 2 times in a row: it ended with/u);
      assert.deepEqual(starts.map((avoided) => avoided?.what), [undefined, undefined, 'native']);
      await engine.restart();
      await engine.describe().catch(() => undefined);
      // A fourth has been started, and may try everything again.
      assert.deepEqual(starts.slice(3, 4), [undefined]);
    } finally {
      await engine.dispose();
    }
  });

  for (const [what, crashed, answers] of [['are killed', false, false], ['crash after they have answered', true, true]] as const) {
    it(`keeps the native library when engines ${what}`, async () => {
      const starts: (Avoided | undefined)[] = [];
      const ends: (() => void)[] = [];
      const mortal = (avoided: Avoided | undefined): MortalEngine => {
        starts.push(avoided);
        let end: () => void = () => undefined;
        const ended = new Promise<string>((resolve) => (end = () => resolve('it ended')));
        ends.push(end);
        const died = (): Promise<never> => Promise.reject(new EngineDiedError('it ended'));
        const describe = (): Promise<ModelDescription> =>
          answers ? Promise.resolve({ name: '', version: '', backend: 'native', notTaken: [], degraded: false, tasks: [] }) : died();
        return { crashed, describe, classify: died, teach: died, findComments: () => Promise.resolve({ snippets: [], ignored: 0, foundBy: 'grammar' }), dispose: () => Promise.resolve(), ended };
      };
      const engine = new SupervisedEngine(mortal, undefined, Array<number>(10).fill(0));
      for (let round = 1; round <= 4; round += 1) {
        await (answers ? engine.describe() : engine.findComments({ source: '', language: 'c' }));
        ends.at(-1)?.();
        await new Promise(setImmediate);
        assert.equal(starts.length, round);
      }
      assert.deepEqual(starts, Array(4).fill(undefined));
      await engine.dispose();
    });
  }

  for (const [culprit, expected] of [['gpu', ['gpu', 'gpu', 'cpu']], ['native', ['gpu', 'gpu', 'cpu', 'wasm']]] as const) {
    it(`does without the graphics card first, where there is one, when ${culprit === 'gpu' ? 'it' : 'the native library'} crashes`, async () => {
      const runs: string[] = [];
      const mortal = (avoided: Avoided | undefined): MortalEngine => {
        const run = avoided ? { gpu: 'cpu', native: 'wasm' }[avoided.what] : 'gpu';
        runs.push(run);
        const crashed = run === 'gpu' || (run === 'cpu' && culprit === 'native');
        const died = (): Promise<never> => Promise.reject(new EngineDiedError('it ended'));
        const ended = crashed ? Promise.resolve('it ended') : new Promise<never>(() => undefined);
        return { crashed, mayUseGpu: run === 'gpu', describe: died, classify: () => (crashed ? died() : Promise.resolve([])), teach: died, findComments: died, dispose: () => Promise.resolve(), ended };
      };
      const engine = new SupervisedEngine(mortal, undefined, Array<number>(10).fill(0));
      // One request, which is not given up on the way.
      await engine.classify(REQUEST);
      assert.deepEqual(runs, expected);
      await engine.dispose();
    });
  }

  it('runs without what it is told to avoid', async () => {
    for (const [what, expected] of [['native', ['wasm', [{ name: 'native', reason: 'it crashed' }]]], ['gpu', ['native', []]]] as const) {
      const local = new LocalEngine(SHIPPED, { avoided: { what, reason: 'it crashed' } });
      const { backend, notTaken } = await local.describe();
      await local.dispose();
      assert.deepEqual([backend, notTaken], expected);
    }
  });

  it('is not degraded when it is whole', async () => {
    await withChild(await install(), async (engine) => {
      const { backend, degraded, notTaken } = await engine.describe();
      assert.deepEqual([backend, degraded, notTaken], ['native', false, []]);
    });
  });
});

describe('choice of an execution provider', () => {
  const present = (): undefined => undefined;
  const absent = (): string => 'there is none';
  const faster: ProbeResult = { kind: 'ran', milliseconds: 2, processorMilliseconds: 9, difference: 0.001 };
  const crashed: ProbeResult = { kind: 'failed', reason: 'its probe ended with signal SIGSEGV' };
  const probing = (results: Partial<Record<GpuProvider, ProbeResult>>) => (provider: GpuProvider): Promise<ProbeResult> => {
    const result = results[provider];
    return result ? Promise.resolve(result) : Promise.reject(new Error(`${provider} was probed`));
  };

  it('is the processor when it is asked for, without a probe', async () => {
    assert.deepEqual(await chooseGpu('cpu', present, probing({})), { notTaken: [] });
  });

  it('is silent about what is not there unless it is asked for', async () => {
    assert.deepEqual(await chooseGpu('auto', absent, probing({})), { notTaken: [] });
    assert.deepEqual(await chooseGpu('cuda', absent, probing({})), { notTaken: [{ name: 'cuda', reason: 'there is none' }] });
  });

  it('may be that of a graphics card where there is one that is not ruled out', () => {
    const dmlAlone = (provider: GpuProvider): string | undefined => (provider === 'dml' ? undefined : 'there is none');
    assert.deepEqual((['auto', 'cpu', 'dml', 'cuda'] as const).map((asked) => mayUseGpu(asked, dmlAlone)), [true, false, true, false]);
    assert.equal(mayUseGpu('auto', absent), false);
  });

  it('takes by itself only what passes the probe and is faster', async () => {
    assert.deepEqual(await chooseGpu('auto', present, probing({ cuda: faster })), { provider: 'cuda', notTaken: [] });
    const { provider, notTaken } = await chooseGpu('auto', present, probing({ cuda: { ...faster, milliseconds: 10 }, dml: faster }));
    assert.equal(provider, 'dml');
    assert.match(notTaken[0]?.reason ?? '', /no faster here: 10\.0 ms for a batch, the processor 9\.0 ms/u);
  });

  it('takes what is asked for though it is slow, but not though it is wrong', async () => {
    assert.equal((await chooseGpu('dml', present, probing({ dml: { ...faster, milliseconds: 10 } }))).provider, 'dml');
    for (const difference of [0.5, NaN]) {
      const { provider, notTaken } = await chooseGpu('dml', present, probing({ dml: { ...faster, difference } }));
      assert.equal(provider, undefined);
      assert.match(notTaken[0]?.reason ?? '', /answers are not the processor's/u);
    }
    assert.deepEqual(await chooseGpu('dml', present, probing({ dml: crashed })), { notTaken: [{ name: 'dml', reason: crashed.reason }] });
  });

  it('counts as degraded when it is not the one asked for', () => {
    assert.deepEqual(['native', 'cuda', 'dml', 'wasm', 'exit-0'].map((backend) => isDegraded('auto', backend, true)), [false, false, false, true, true]);
    assert.deepEqual(['cuda', 'wasm', 'exit-0'].map((backend) => isDegraded('auto', backend, false)), [false, false, true]);
    assert.deepEqual(['native', 'cuda', 'dml', 'wasm'].map((backend) => isDegraded('cuda', backend, true)), [true, false, true, true]);
    assert.deepEqual(['native', 'wasm'].map((backend) => isDegraded('cpu', backend, true)), [false, true]);
  });

  it('says why what is not there was not taken where the model package was made for it', async () => {
    assert.deepEqual(await chooseGpu('auto', absent, probing({}), 'float16'), { notTaken: [{ name: 'cuda', reason: 'there is none' }, { name: 'dml', reason: 'there is none' }] });
    assert.deepEqual(await chooseGpu('auto', present, probing({ cuda: faster }), 'float16'), { provider: 'cuda', notTaken: [] });
    assert.deepEqual(await chooseGpu('cpu', absent, probing({}), 'float16'), { notTaken: [] });
    assert.deepEqual(['native', 'cuda', 'dml', 'wasm', 'exit-0'].map((backend) => isDegraded('auto', backend, true, 'float16')), [true, false, false, true, true]);
    assert.equal(isDegraded('cpu', 'native', true, 'float16'), true);
  });

  it('falls back to the processor, and says why, when this installation does not have it', async () => {
    for (const executionProvider of (['dml', 'cuda'] as const).filter((provider) => absenceHere(provider) !== undefined)) {
      const engine = new LocalEngine(SHIPPED, { executionProvider });
      const description = await engine.describe();
      await engine.dispose();
      assert.deepEqual([description.backend, description.degraded], ['native', true]);
      assert.match(describeDegradation(description), new RegExp(`^The processor runs the encoder, for want of ${executionProvider} \\((there is none for|Glance does not bring it along)`, 'u'));
    }
  });
});

describe('model package in float16', () => {
  const MADE = 'The model package was made for graphics cards: on the processor, the one that ships with Glance is faster.';
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'));
    await cp(SHIPPED.model, folder, { recursive: true });
    const manifest = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8')) as { encoder: object };
    await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...manifest, encoder: { ...manifest.encoder, precision: 'float16' } }));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const describePackage = async (executionProvider: 'auto' | 'cpu'): Promise<ModelDescription> => {
    const engine = new LocalEngine({ ...SHIPPED, model: folder }, { executionProvider });
    const description = await engine.describe();
    await engine.dispose();
    return description;
  };

  it('runs on the processor where it is told to, and says that it is slow there', async () => {
    const description = await describePackage('cpu');
    assert.deepEqual([description.backend, description.degraded, description.precision], ['native', true, 'float16']);
    assert.equal(describeDegradation(description), MADE);
  });

  it('says which graphics cards were not taken where it chooses by itself', async () => {
    const absentHere = (['cuda', 'dml'] as const).filter((name) => absenceHere(name) !== undefined);
    const description = await describePackage('auto');
    assert.ok(absentHere.every((name) => description.notTaken.some((provider) => provider.name === name)));
    assert.ok(describeDegradation(description).startsWith(`${MADE} The processor runs the encoder, for want of ${absentHere[0]} (`), describeDegradation(description));
  });

  it('is said to lack nothing but a graphics card: exit 0 alone is the greater lack', () => {
    const line = describeDegradation({ backend: 'exit-0', notTaken: [{ name: 'wasm', reason: 'no memory' }], degraded: true, precision: 'float16' });
    assert.equal(line, 'Exit 0 answers alone, less reliably than the whole model, for want of wasm (no memory).');
  });

  for (const [name, Kind] of [['native', NativeBackend], ['WASM', WasmBackend]] as const) {
    /** The fixture is the last of two segments of a random model; training/tests/test_float16.py holds it to what the exporter writes. */
    it(`takes and gives 32-bit floats on the ${name} backend`, async () => {
      const model = await loadModelPackage((file) => readFile(path.join(SHIPPED.model, file)));
      const hiddenSize = 8;
      const bytes = await readFile(path.join(__dirname, '..', 'fixtures', 'float16-segment.onnx'));
      const backend = await Kind.open({ ...model, segments: [{ file: 'segment-1.onnx', bytes }], manifest: { ...model.manifest, encoder: { ...model.manifest.encoder, hiddenSize } } });
      const [rows, tokens] = [3, 4];
      const hidden = Float32Array.from({ length: rows * tokens * hiddenSize }, (_, index) => Math.sin(index));
      const together = (await backend.run(0, hidden, new Int32Array(rows * tokens).fill(1), rows, tokens)).pooled.slice();
      const alone = (await backend.run(0, hidden.slice(0, tokens * hiddenSize), new Int32Array(tokens).fill(1), 1, tokens)).pooled.slice();
      await backend.dispose();
      assert.deepEqual([together.length, alone.length], [rows * hiddenSize, hiddenSize]);
      assert.ok(together.some((value) => Math.abs(value) > 0.1) && together.every((value) => Math.abs(value) <= 1));
      assert.ok(alone.every((value, index) => Math.abs(value - (together[index] ?? NaN)) < 1e-3));
    });
  }
});

describe('probe of an execution provider', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const PROBE = path.join(DIST, 'probe.js');
  async function script(text: string): Promise<string> {
    const file = path.join(folder, 'probe.cjs');
    await writeFile(file, text);
    return file;
  }

  it('runs the model on the provider and on the processor', async () => {
    // The processor stands in for a provider that every machine has.
    const result = await probeProvider('cpu' as GpuProvider, SHIPPED.model, PROBE);
    assert.ok(result.kind === 'ran');
    assert.equal(result.difference, 0);
    assert.ok(result.milliseconds > 0 && result.processorMilliseconds > 0);
  });

  it('says what ONNX Runtime says when it does not have the provider', async () => {
    for (const provider of ['cuda', 'dml'].filter((name) => absenceHere(name as GpuProvider) !== undefined)) {
      const result = await probeProvider(provider as GpuProvider, SHIPPED.model, PROBE);
      assert.ok(result.kind === 'failed', provider);
      assert.match(result.reason, /Failed to load shared library|backend not found/u);
    }
  });

  it('outlives a probe that crashes or hangs', async () => {
    assert.match(JSON.stringify(await probeProvider('cuda', '', await script('process.abort();'))), /"failed".*its probe ended with/u);
    assert.deepEqual(await probeProvider('cuda', '', await script('setInterval(() => {}, 1000);'), 300), { kind: 'failed', reason: 'its probe did not answer within 0.3 s' });
  });

  it('is made once where its result can be remembered, for each key', async () => {
    let probes = 0;
    const probe = (): Promise<ProbeResult> => {
      probes += 1;
      return Promise.resolve({ kind: 'failed', reason: `try ${probes}` });
    };
    const memory = path.join(folder, 'made', 'when needed');
    assert.deepEqual(await recallProbe(memory, 'a', probe), { kind: 'failed', reason: 'try 1' });
    const again = await recallProbe(memory, 'a', probe);
    assert.ok(again.kind === 'failed');
    assert.match(again.reason, /^try 1 \(when it was last tried; delete .*execution-providers\.json to try again\)$/u);
    assert.deepEqual(await recallProbe(memory, 'b', probe), { kind: 'failed', reason: 'try 2' });
    await recallProbe(memory, 'a', probe);
    assert.equal(probes, 2);
    // A damaged file is forgotten.
    await writeFile(path.join(memory, 'execution-providers.json'), '{"a": {"kind": "ran"');
    assert.deepEqual(await recallProbe(memory, 'a', probe), { kind: 'failed', reason: 'try 3' });
    // Nowhere to remember.
    await recallProbe(undefined, 'a', probe);
    assert.equal(probes, 4);
  });

  it('is keyed by the version of ONNX Runtime, the platform, the provider, the processor and the model', () => {
    const model = { name: 'glance', version: '1.2.3' };
    assert.match(probeKey('dml', 'a processor', model), /^onnxruntime \d+\.\d+\.\d+, \w+-\w+, dml, a processor, glance 1\.2\.3$/u);
    assert.notEqual(probeKey('dml', 'a processor', { name: 'glance-float16', version: '1.2.3' }), probeKey('dml', 'a processor', model));
  });
});
