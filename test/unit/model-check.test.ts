import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkModel, type Remark } from '../../src/cli/model-check';
import { LocalEngine } from '../../src/engine/local-engine';
import { packageFolder } from '../../src/engine/package-folder';
import { glance } from './run-glance';
import { SHIPPED } from './shipped';
import { tinyFiles } from './tiny-package';

describe('glance model check', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds nothing wrong with the package that ships, and says what it promises', async () => {
    const { status, stdout } = await glance(['model', 'check', SHIPPED.model]);
    assert.equal(status, 0, stdout);
    const { files, tasks } = JSON.parse(readFileSync(path.join(SHIPPED.model, 'model.json'), 'utf8')) as { files: Record<string, unknown>; tasks: readonly { id: string; labels: readonly string[] }[] };
    Object.keys(files).forEach((file) => assert.match(stdout, new RegExp(`^✔ ${file}, \\d+ bytes$`, 'mu')));
    for (const { id, labels } of tasks) {
      assert.ok(stdout.includes(`  task ${id}: ${labels.length} labels (${labels.join(', ')})`));
      assert.match(stdout, new RegExp(`^✔ task ${id}: \\d+ texts have the same answers, exit by exit, alone and together$`, 'mu'));
    }
    assert.match(stdout, /; exits 0 to \d; promises /u);
  });

  it('names every file that is wrong, and ends with status 1', async () => {
    cpSync(SHIPPED.model, folder, { recursive: true });
    appendFileSync(path.join(folder, 'segment-1.onnx'), 'x');
    rmSync(path.join(folder, 'segment-2.onnx'));
    const tokenizer = readFileSync(path.join(folder, 'tokenizer.json'));
    tokenizer[0] = 0x20;
    writeFileSync(path.join(folder, 'tokenizer.json'), tokenizer);
    const { status, stdout } = await glance(['model', 'check', folder]);
    assert.equal(status, 1);
    assert.match(stdout, /^✘ segment-1\.onnx cannot be read \(it is \d+ bytes long, more than the \d+ that it may have\)$/mu);
    assert.match(stdout, /^✘ segment-2\.onnx is not there$/mu);
    assert.match(stdout, /^✘ tokenizer\.json has the SHA-256 [0-9a-f]{64}; model\.json says [0-9a-f]{64}$/mu);
    assert.match(stdout, /^The package cannot be used: 3 faults\.\n$/mu);
  });

  it('names what only the engine finds', async () => {
    // Its graphs are no graphs.
    tinyFiles().forEach((bytes, file) => writeFileSync(path.join(folder, file), bytes));
    const { status, stdout } = await glance(['model', 'check', folder]);
    assert.equal(status, 1);
    assert.match(stdout, /^✘ segment-1\.onnx .+$/mu);
    assert.match(stdout, /: 1 fault\.\n$/u);
  });

  it('names the manifest where it is missing or faulty', async () => {
    assert.match((await glance(['model', 'check', folder])).stdout, /^✘ model\.json is not there\nThe package cannot be used: 1 fault\.\n$/u);
    writeFileSync(path.join(folder, 'model.json'), '{');
    assert.match((await glance(['model', 'check', folder])).stdout, /^✘ model\.json is not valid JSON/u);
  });

  it('finds answers that depend on their company', async () => {
    class Moody extends LocalEngine {
      override async classify(...request: Parameters<LocalEngine['classify']>): ReturnType<LocalEngine['classify']> {
        const decisions = await super.classify(...request);
        return decisions.length > 1 ? decisions : decisions.map((decision) => ({ ...decision, trace: decision.trace.map((answer) => ({ ...answer, confidence: answer.confidence / 2 })) }));
      }
    }
    const engine = new Moody(SHIPPED);
    const wrong: Remark[] = [];
    for await (const remark of checkModel(packageFolder(SHIPPED.model), engine)) {
      if (remark.kind === 'wrong') {
        wrong.push(remark);
      }
    }
    await engine.dispose();
    assert.ok(wrong.length > 0 && wrong.every(({ text }) => /^task [\w-]+: exit 0 answers differently alone/u.test(text)));
  });

  it('forgives a package in float16 the rounding, and no more', async () => {
    for (const [difference, precision, forgiven] of [[0.005, 'float16', true], [0.02, 'float16', false], [0.005, undefined, false]] as const) {
      class Rounding extends LocalEngine {
        override async describe(): ReturnType<LocalEngine['describe']> {
          return { ...(await super.describe()), ...(precision && { precision }) };
        }
        override async classify(...request: Parameters<LocalEngine['classify']>): ReturnType<LocalEngine['classify']> {
          const decisions = await super.classify(...request);
          return decisions.length > 1 ? decisions : decisions.map((decision) => ({ ...decision, trace: decision.trace.map((answer) => ({ ...answer, confidence: answer.confidence - difference })) }));
        }
      }
      const engine = new Rounding(SHIPPED);
      const kinds: Remark['kind'][] = [];
      for await (const { kind } of checkModel(packageFolder(SHIPPED.model), engine)) {
        kinds.push(kind);
      }
      await engine.dispose();
      assert.equal(!kinds.includes('wrong'), forgiven, `${difference} ${precision}`);
    }
  });

  it('wants one folder', async () => {
    for (const args of [[], ['a', 'b']]) {
      const { status, stderr } = await glance(['model', 'check', ...args]);
      assert.equal(status, 2);
      assert.match(stderr, /Name the one folder/u);
    }
    assert.match((await glance(['model', 'frob'])).stderr, /no command "model frob"; there is model check/u);
  });
});

describe('glance bench', () => {
  it('gives a card of the machine, as text and as JSON', async () => {
    const { status, stdout } = await glance(['bench', '--format', 'json']);
    assert.equal(status, 0);
    const { engine, firstAnswer, memory, tasks } = JSON.parse(stdout) as {
      engine: { backend: string };
      firstAnswer: number;
      memory: number;
      tasks: readonly { task: string; texts: number; agreeing: number; textsPerSecond: Record<string, number>; exits: readonly { exit: number; p50: number; p95: number; answers: number }[] }[];
    };
    assert.ok(engine.backend.length > 0 && firstAnswer > 0 && memory > 1e7 && tasks.length > 0);
    for (const { exits, texts, agreeing, textsPerSecond } of tasks) {
      assert.ok(exits.length > 1 && exits[0]?.exit === 0, 'answers of exit 0 and of deeper ones');
      assert.ok(exits.every(({ p50, p95, answers }) => p50 > 0 && p95 >= p50 && answers > 0));
      assert.ok(agreeing <= texts && Object.values(textsPerSecond).every((value) => value > 0));
    }
    const card = (await glance(['bench'])).stdout;
    tasks.forEach(({ task, texts }) => assert.ok(card.includes(`\n${task}, ${texts} texts\n`)));
    assert.match(card, /^ {2}exit 0 +\d+\.\d\d +\d+\.\d\d$/mu);
  });

  it('takes no operands, and the formats that there are', async () => {
    assert.match((await glance(['bench', 'src'])).stderr, /texts of its own/u);
    assert.match((await glance(['bench', '--format', 'xml'])).stderr, /no format "xml"; there are text, json/u);
  });
});
