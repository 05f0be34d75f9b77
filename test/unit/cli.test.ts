import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Log } from 'sarif';
import { classifyRows } from '../../src/cli/classify/classify-rows';
import { inOrderFor } from '../../src/cli/classify/in-order';
import { TASKS } from '../../src/core/tasks/tasks';
import { exampleLine, headerLine, type Example } from '../../src/core/teach/taught-task';
import { LocalEngine } from '../../src/engine/local-engine';
import { LAST_EXIT } from '../last-exit';
import { DIST, LIB_DOM, SHIPPED, WORKSPACE } from './shipped';
import { glance, type Run } from './run-glance';
import { COLOURS_AND_TOOLS } from './taught-examples';

interface Row {
  readonly id: string;
  readonly label: string;
  readonly labels?: readonly string[];
  readonly confidence: number;
  readonly findingConfidence?: number;
  readonly exit: number;
  readonly probabilities: Record<string, number>;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly heading?: string;
  readonly text: string;
}

/** Folders of model packages made for tests. */
const made: string[] = [];
after(() => made.forEach((folder) => rmSync(folder, { recursive: true })));

interface ManifestTask {
  readonly id: string;
  readonly labels: readonly string[];
  readonly [field: string]: unknown;
}

/** The shipped package with something changed in its manifest. @returns its folder. */
function packageWith(change: (tasks: readonly ManifestTask[]) => readonly ManifestTask[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
  made.push(folder);
  cpSync(SHIPPED.model, folder, { recursive: true });
  const file = path.join(folder, 'model.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { tasks: readonly ManifestTask[] };
  writeFileSync(file, JSON.stringify({ ...manifest, tasks: change(manifest.tasks) }));
  return folder;
}

/** What a task's entry says of its promise: these levels, and which of them is recommended. */
const promising = (task: ManifestTask, levels: readonly object[], maxDisagreement: number): object => ({
  promise: { ...(task['promise'] as object), levels },
  defaults: { ...(task['defaults'] as object), maxDisagreement },
});

/** Gives the task of comments' debt to another name, so that a test does not depend on the tasks that ship: with its labels, several of which may hold. */
const asSeveral = (id: string) => ([debt]: readonly ManifestTask[]): ManifestTask[] =>
  debt ? [{ ...debt, id, multiLabel: true, labelThresholds: debt.labels.map(() => 0.5), silentLabel: undefined, promise: { confidence: 0.95, of: 'answers', levels: [] } }] : [];

const rows = (stdout: string): Row[] => stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
const jsonl = (texts: readonly string[]): string => texts.map((text, id) => `${JSON.stringify({ id: `t${id}`, text, other: 1 })}\n`).join('');

describe('glance classify PATH', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('prints findings with place, label, confidence and exit', async () => {
    const { status, stdout, stderr } = await glance(['classify', '.']);
    assert.equal(status, 0);
    const lines = stdout.trim().split('\n');
    assert.ok(lines.length >= 5);
    for (const line of lines) {
      const [, exit, last] = /^[\w.]+:\d+:\d+: \w+ debt, \d+% sure, left at exit (\d) of (\d): ./u.exec(line) ?? [];
      assert.ok(Number(exit) <= LAST_EXIT && Number(last) === LAST_EXIT, line);
    }
    assert.match(stderr, /^\d+ findings in \d+ comments of 5 files, mean exit \d\.\d\d/u);
    assert.match(stderr, /comment markers alone.*: sql\./u);
  });

  it('gives every comment as JSONL, with the lines that the file has', async () => {
    const { stdout } = await glance(['classify', '--policy', 'entropy', '--format', 'jsonl', LIB_DOM]);
    const found = rows(stdout);
    assert.ok(found.length > 1000);
    for (const { label, confidence, findingConfidence = NaN, exit, probabilities } of found) {
      assert.equal(confidence, probabilities[label]);
      assert.ok(Math.abs(findingConfidence + (probabilities['none'] ?? NaN) - 1) < 1e-6);
      assert.ok(exit >= 0 && exit <= LAST_EXIT);
      assert.ok(Math.abs(Object.values(probabilities).reduce((a, b) => a + b, 0) - 1) < 1e-6);
    }
    assert.ok(found.every(({ line }, index) => index === 0 || line > (found[index - 1]?.line ?? 0)));
  });

  it('goes deeper with a stricter promise, and all the way where nothing may differ', async () => {
    const levels = [{ maxDisagreement: 0.01, certainty: 1 }, { maxDisagreement: 0.02, certainty: 0.9 }, { maxDisagreement: 0.05, certainty: 1e-9 }];
    const model = packageWith((tasks) => tasks.map((task) => ({ ...task, ...promising(task, levels, 0.05) })));
    const exits = async (...options: string[]): Promise<number[]> => rows((await glance(['classify', '--model', model, '--format', 'jsonl', ...options, '.'])).stdout).map(({ exit }) => exit);
    const certain = (threshold: string): Promise<number[]> => exits('--policy', 'certainty', '--threshold', threshold);
    const full = await exits('--max-disagreement', '0');
    assert.ok(full.length > 0 && full.every((exit) => exit === LAST_EXIT));
    assert.deepEqual(await exits('--full'), full);
    assert.deepEqual(await exits('--policy', 'full'), full);
    assert.deepEqual(await exits('--max-disagreement', '1%'), await certain('1'));
    assert.deepEqual(await exits('--policy', 'promise', '--max-disagreement', '0.049'), await certain('0.9'));
    // Every certainty reaches the last level's; the package recommends it.
    assert.ok((await exits('--max-disagreement', '100%')).every((exit) => exit === 0));
    assert.ok((await exits()).every((exit) => exit === 0));
  });

  it('leaves by the policy of an expert', async () => {
    const exits = async (policy: string, threshold: string): Promise<number[]> =>
      rows((await glance(['classify', '--format', 'jsonl', '--policy', policy, '--threshold', threshold, '.'])).stdout).map(({ exit }) => exit);
    for (const [policy, threshold, first] of [['certainty', '1e-9', 0], ['entropy', '10', 0], ['max-probability', '1e-9', 0], ['patience', '1', 1], ['pcee', '10', 1], ['f-pabee', '10', 1]] as const) {
      const found = await exits(policy, threshold);
      assert.equal(Math.min(...found), first, policy);
    }
    assert.ok((await exits('entropy', '0')).every((exit) => exit === LAST_EXIT));
  });

  it('prints every comment for a task that sorts them, without findings', async () => {
    const { status, stdout, stderr } = await glance(['classify', '--model', packageWith(asSeveral('comment-kind')), '--task', 'comment-kind', 'inventory.ts']);
    assert.equal(status, 0);
    assert.match(stdout, /^inventory\.ts:1:1: [\w +]+, \d+% sure, left at exit \d of \d: ./u);
    assert.match(stderr, new RegExp(`^${stdout.trim().split('\n').length} comments of 1 file`, 'mu'));
  });

  it('prints every section of Markdown files, with its heading, for the task that sorts them', async () => {
    const { status, stdout, stderr } = await glance(['classify', '--task', 'doc-section', '.']);
    assert.equal(status, 0);
    assert.match(stdout, /^README\.md:1:1: [\w +]+, \d+% sure, left at exit \d of \d: Examples for Glance$/mu);
    assert.match(stderr, new RegExp(`^${stdout.trim().split('\n').length} sections of 1 file, mean exit .*\nLeft out: \\d+ files other than Markdown\\.$`, 'mu'));
    const [first] = rows((await glance(['classify', '--task', 'doc-section', '--format', 'jsonl', 'README.md'])).stdout);
    assert.deepEqual([first?.path, first?.line, first?.heading], ['README.md', 1, 'Examples for Glance']);
    assert.match(String(first?.text), /^A few small files/u);
    const wrong = await glance(['classify', '--task', 'doc-section', 'inventory.ts']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /inventory\.ts is not Markdown/u);
  });

  it('honours .gitignore, nested ones too, and goes into an ignored folder that is named', async () => {
    const repository = path.join(folder, 'repository');
    mkdirSync(path.join(repository, '.git'), { recursive: true });
    mkdirSync(path.join(repository, 'out/deep'), { recursive: true });
    mkdirSync(path.join(repository, 'src'));
    const source = '// a comment\n';
    for (const file of ['a.ts', 'out/b.ts', 'out/deep/c.ts', 'src/d.ts', 'src/e.gen.ts', 'src/f.gen.ts']) {
      writeFileSync(path.join(repository, file), source);
    }
    writeFileSync(path.join(repository, '.gitignore'), 'out/\n*.gen.ts\n');
    writeFileSync(path.join(repository, 'src/.gitignore'), '!f.gen.ts\n');
    const files = async (...args: string[]): Promise<string[]> => rows((await glance(['classify', '--format', 'jsonl', ...args], '', repository)).stdout).map((row) => row.path);
    assert.deepEqual(await files('.'), ['a.ts', 'src/d.ts', 'src/f.gen.ts']);
    assert.deepEqual(await files('src'), ['src/d.ts', 'src/f.gen.ts']);
    assert.deepEqual(await files('out'), ['out/b.ts', 'out/deep/c.ts']);
    assert.deepEqual(await files('out/b.ts'), ['out/b.ts']);
  });

  it('reports findings as SARIF, JSON and Markdown, the same that it prints', async () => {
    const { stdout } = await glance(['classify', '.']);
    const places = stdout.trim().split('\n').map((line) => line.split(':').slice(0, 3).join(':'));
    const [sarif, json, markdown] = await Promise.all(['sarif', 'json', 'markdown'].map(async (format) => (await glance(['classify', '--format', format, '.'])).stdout));
    const { runs: [run] } = JSON.parse(sarif ?? '') as Log;
    assert.deepEqual(run?.results?.map(({ locations }) => {
      const { artifactLocation, region } = locations?.[0]?.physicalLocation ?? {};
      return `${artifactLocation?.uri}:${region?.startLine}:${region?.startColumn}`;
    }), places);
    assert.deepEqual((JSON.parse(json ?? '') as { findings: Row[] }).findings.map(({ path: file, line, column }) => `${file}:${line}:${column}`), places);
    assert.equal(markdown?.match(/^\| \d+ \| \w+ debt \|/gmu)?.length, places.length);
  });

  describe('with a baseline', () => {
    const DEBT = '// TODO: this is an ugly hack, replace it\n';
    let project: string;
    beforeEach(() => {
      project = mkdtempSync(path.join(folder, 'project-'));
      mkdirSync(path.join(project, 'src'));
      writeFileSync(path.join(project, 'src/a.ts'), `${DEBT}run();\n`);
      writeFileSync(path.join(project, 'b.ts'), DEBT);
    });
    const classify = (...args: string[]): Promise<Run> => glance(['classify', '--fail-on-findings', ...args], '', project);

    it('leaves out what it has, wherever it moves in its file, and prints what is new', async () => {
      const made = await classify('--write-baseline', 'known.json', '.');
      assert.equal(made.status, 1);
      assert.match(made.stderr, /^Wrote 2 findings to the baseline known\.json\.$/mu);
      assert.equal(made.stdout.split('\n').length, 3);
      writeFileSync(path.join(project, 'src/a.ts'), `start();\n${DEBT}run();\n`);
      const none = await classify('--baseline', 'known.json', '.');
      assert.deepEqual([none.status, none.stdout], [0, '']);
      assert.match(none.stderr, /^Left out: 2 findings that the baseline has\.$/mu);
      writeFileSync(path.join(project, 'src/a.ts'), `start();\n${DEBT}run();\n${DEBT}`);
      for (const format of ['text', 'jsonl']) {
        const { status, stdout } = await classify('--baseline', 'known.json', '--format', format, '.');
        assert.equal(status, 1);
        assert.equal(stdout.trim().split('\n').length, 1);
        assert.match(stdout, /src\/a\.ts.*4/u);
      }
    });

    it('takes paths from the folder that it stands in, wherever the command runs', async () => {
      await classify('--write-baseline', 'known.json', '.');
      const { status, stdout } = await glance(['classify', '--fail-on-findings', '--baseline', '../known.json', '.'], '', path.join(project, 'src'));
      assert.deepEqual([status, stdout], [0, '']);
    });

    it('is not read when it is none, and not overwritten', async () => {
      const other = path.join(project, 'package.json');
      writeFileSync(other, '{"name": "shop"}');
      for (const [args, message] of [
        [['--baseline', 'package.json'], /The baseline package\.json is no baseline of Glance/u],
        [['--baseline', 'missing.json'], /The baseline missing\.json does not exist\. Mend it, or write it anew/u],
        [['--write-baseline', 'package.json'], /package\.json is no baseline of Glance .*so it is not overwritten/u],
        [['--write-baseline', 'no/such/folder.json'], /The baseline no\/such\/folder\.json cannot be written \(ENOENT\)/u],
      ] as const) {
        const { status, stderr } = await classify(...args, '.');
        assert.equal(status, 2, stderr);
        assert.match(stderr, message);
      }
      assert.equal(readFileSync(other, 'utf8'), '{"name": "shop"}');
      assert.deepEqual(readdirSync(project).sort(), ['b.ts', 'package.json', 'src']);
    });
  });

  it('says what is wrong with a path that was named, and goes on with the others', async () => {
    const binary = path.join(folder, 'a.ts');
    const huge = path.join(folder, 'huge.c');
    const picture = path.join(folder, 'picture.xyz');
    writeFileSync(binary, Buffer.from([0x2f, 0x2f, 0, 1, 2]));
    writeFileSync(huge, '');
    truncateSync(huge, 50_000_000);
    writeFileSync(picture, 'text');
    const { status, stdout, stderr } = await glance(['classify', binary, 'no-such-file.ts', huge, picture, 'inventory.ts']);
    assert.equal(status, 2);
    assert.match(stderr, /a\.ts is binary/u);
    assert.match(stderr, /no-such-file\.ts does not exist/u);
    assert.match(stderr, /huge\.c is 50 MB long; files of up to 5 MB/u);
    assert.match(stderr, /picture\.xyz is in a language whose comments Glance does not know/u);
    assert.match(stdout, /^inventory\.ts:/u);
  });

  it('takes a file that is named twice once', async () => {
    const once = await glance(['classify', 'inventory.ts']);
    assert.equal((await glance(['classify', 'inventory.ts', './inventory.ts'])).stdout, once.stdout);
  });

  it('sends no control characters of a comment to the terminal', async () => {
    writeFileSync(path.join(folder, 'escape.ts'), '// TODO: hack \u001b[31mred\u0007\n');
    const { stdout } = await glance(['classify', path.join(folder, 'escape.ts')]);
    assert.match(stdout, /TODO: hack \ufffd\[31mred\ufffd\n$/u);
  });

  it('does not wait for a device or a pipe', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    symlinkSync('/dev/zero', path.join(folder, 'zero.ts'));
    const { status, stderr } = await glance(['classify', path.join(folder, 'zero.ts')]);
    assert.equal(status, 2);
    assert.match(stderr, /zero\.ts is not a file/u);
  });

  it('ends with status 2 when the results cannot be written', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), 'classify', '--format', 'jsonl', WORKSPACE], { stdio: ['ignore', full, 'pipe'] });
    const status = new Promise((resolve) => child.once('close', resolve));
    assert.match(await text(child.stderr as Readable), /^glance: the results cannot be written/mu);
    assert.equal(await status, 2);
    closeSync(full);
  });

  it('counts what it leaves out of a folder', async () => {
    const mixed = path.join(folder, 'mixed');
    mkdirSync(mixed);
    writeFileSync(path.join(mixed, 'a.ts'), '\u0000');
    writeFileSync(path.join(mixed, 'b.unknown'), '');
    writeFileSync(path.join(mixed, 'c.ts'), '');
    const { status, stdout, stderr } = await glance(['classify', mixed]);
    assert.deepEqual([status, stdout], [0, '']);
    assert.match(stderr, /0 findings in 0 comments of 1 file/u);
    assert.match(stderr, /Left out: 1 file of an unknown language, 1 file of binary content/u);
    mkdirSync(path.join(folder, 'empty'));
    assert.match((await glance(['classify', path.join(folder, 'empty')])).stderr, /^No source files found\. What \.gitignore names is left out, [^\n]*\n$/u);
  });

  it('reads UTF-16, and takes bytes that are no UTF-8', async () => {
    writeFileSync(path.join(folder, 'utf16.ts'), Buffer.from('\ufeff// TODO: größer', 'utf16le'));
    writeFileSync(path.join(folder, 'latin1.ts'), Buffer.from('// TODO: gr\xf6\xdfer', 'latin1'));
    writeFileSync(path.join(folder, 'utf8.ts'), '// TODO: \ufffd is a character, too');
    const { stdout, stderr } = await glance(['classify', '--format', 'jsonl', ...['utf16.ts', 'latin1.ts', 'utf8.ts'].map((name) => path.join(folder, name))]);
    assert.deepEqual(rows(stdout).map((row) => row.text), ['TODO: größer', 'TODO: gr\ufffd\ufffder', 'TODO: \ufffd is a character, too']);
    assert.match(stderr, /^Not UTF-8 throughout: 1 file\. What could not be read there was taken for \ufffd\.$/mu);
  });

  it('fails on findings only when told to', async () => {
    assert.equal((await glance(['classify', 'inventory.ts'])).status, 0);
    assert.equal((await glance(['classify', '--fail-on-findings', 'inventory.ts'])).status, 1);
    writeFileSync(path.join(folder, 'clean.ts'), 'export {};\n');
    assert.equal((await glance(['classify', '--fail-on-findings', path.join(folder, 'clean.ts')])).status, 0);
  });

  it('counts the findings that it is sure enough of, whatever their labels', async () => {
    const baseline = path.join(folder, 'unsure.json');
    const all = rows((await glance(['classify', '--format', 'jsonl', '--minimum-confidence', '100%', '.'])).stdout).filter(({ label }) => label !== 'none');
    const [least = NaN, next = NaN] = all.map(({ findingConfidence = NaN }) => findingConfidence).sort((a, b) => a - b);
    const limit = ['--minimum-confidence', String((least + next) / 2)];
    const printed = await glance(['classify', ...limit, '--write-baseline', baseline, '.']);
    assert.equal(printed.stdout.trim().split('\n').length, all.length - 1);
    assert.match(printed.stderr, new RegExp(`^${all.length - 1} findings in .*\\nNot counted: 1 finding of which the model is less than \\d`, 'mu'));
    assert.match(printed.stderr, new RegExp(`^Wrote ${all.length} findings to the baseline`, 'mu'));
    const reported = JSON.parse((await glance(['classify', ...limit, '--format', 'json', '.'])).stdout) as { findings: { findingConfidence: number }[] };
    assert.equal(reported.findings.length, all.length - 1);
    assert.ok(reported.findings.every(({ findingConfidence }) => findingConfidence > least));
  });

  it('fails only on findings that it is sure enough of', async () => {
    const none = ['classify', '--minimum-confidence', '100%', '--fail-on-findings'];
    const row = jsonl(['// TODO: this is an ugly hack, replace it']);
    const statuses = [glance([...none, 'inventory.ts']), glance([...none, '--jsonl'], row), glance(['classify', '--fail-on-findings', '--jsonl'], row)];
    assert.deepEqual((await Promise.all(statuses)).map(({ status }) => status), [0, 0, 1]);
  });

  it('names the file of a broken model package', async () => {
    const model = path.join(folder, 'model');
    cpSync(SHIPPED.model, model, { recursive: true });
    rmSync(path.join(model, 'segment-2.onnx'));
    const { status, stderr } = await glance(['classify', '--model', model, 'inventory.ts']);
    assert.equal(status, 2);
    assert.match(stderr, /^glance: The model package in .*model cannot be used: segment-2\.onnx is not there/u);
  });
});

describe('glance classify --jsonl', () => {
  const texts = ['// TODO: this is a hack', 'Returns the name.', '', '  ', '😀', '/* not implemented\n * yet */', 'x'.repeat(100_000)];

  it('answers rows in order, as many as came', async () => {
    const { status, stdout } = await glance(['classify', '--task', 'comment-debt', '--jsonl'], jsonl(texts));
    assert.equal(status, 0);
    assert.deepEqual(rows(stdout).map(({ id }) => id), texts.map((_, id) => `t${id}`));
    assert.deepEqual(Object.keys(rows(stdout)[0] ?? {}), ['id', 'label', 'confidence', 'findingConfidence', 'exit', 'engine', 'probabilities']);
  });

  it('gives the labels that hold, where several may', async () => {
    const { stdout } = await glance(['classify', '--model', packageWith(asSeveral('doc-section')), '--task', 'doc-section', '--full', '--jsonl'], jsonl(['# Usage\nRun it.', 'x']));
    for (const { label, labels, probabilities } of rows(stdout)) {
      const holding = Object.keys(probabilities).filter((name) => (probabilities[name] ?? 0) >= 0.5);
      assert.deepEqual(labels, holding.length > 0 ? holding : [label]);
      assert.ok(labels?.includes(label));
    }
    assert.deepEqual(Object.keys(rows(stdout)[0] ?? {}), ['id', 'label', 'labels', 'confidence', 'exit', 'engine', 'probabilities']);
  });

  it('reads the heading of a section and the paths of a commit', async () => {
    const different = async (task: string, ...input: object[]): Promise<boolean> => {
      const { stdout } = await glance(['classify', '--model', packageWith(asSeveral(task)), '--task', task, '--full', '--jsonl'], input.map((row) => `${JSON.stringify({ id: 1, ...row })}\n`).join(''));
      const [first, second] = stdout.trim().split('\n');
      return first !== second;
    };
    assert.equal(await different('doc-section', { text: '# Usage\nRun it.' }, { text: 'Run it.', heading: 'Usage' }), false);
    assert.equal(await different('doc-section', { text: 'Run it.' }, { text: 'Run it.', heading: 'Usage' }), true);
    assert.equal(await different('commit-type', { text: 'mend it' }, { text: 'fix: mend it', paths: [] }), false);
    assert.equal(await different('commit-type', { text: 'mend it' }, { text: 'mend it', paths: ['docs/README.md'] }), true);
  });

  it('says once when a promise is more than the package can keep by leaving early', async () => {
    const model = packageWith((tasks) => tasks.map((task) => ({ ...task, ...promising(task, [{ maxDisagreement: 0.05, certainty: 0.9 }], 0.05) })));
    const { status, stdout, stderr } = await glance(['classify', '--model', model, '--max-disagreement', '1%', '--jsonl'], jsonl(Array<string>(600).fill('x')));
    assert.deepEqual([status, stderr], [0, 'The model runs at full depth: its calibration data cannot support 1%. The smallest promise below full depth is 5%.\n']);
    assert.ok(rows(stdout).every(({ exit }) => exit === LAST_EXIT));
    assert.equal((await glance(['classify', '--model', model, '--max-disagreement', '5%', '--jsonl'], jsonl(['x']))).stderr, '');
  });

  it('says once when the package can keep no promise by leaving early, and none was asked for', async () => {
    const model = packageWith((tasks) => tasks.map((task) => ({ ...task, ...promising(task, [], 0) })));
    const stderr = async (...options: string[]): Promise<string> => (await glance(['classify', '--model', model, ...options, '--jsonl'], jsonl(Array<string>(600).fill('x')))).stderr;
    assert.equal(await stderr(), 'The model runs at full depth: its calibration data supports no promise below it.\n');
    assert.equal(await stderr('--full'), '');
    assert.equal(await stderr('--max-disagreement', '0'), '');
  });

  it('says which tasks a package has when it lacks the one that was asked for', async () => {
    const { status, stdout, stderr } = await glance(['classify', '--model', packageWith((tasks) => tasks.slice(0, 1)), '--task', 'commit-type', '--jsonl'], jsonl(['x']));
    assert.deepEqual([status, stdout], [2, '']);
    assert.equal(stderr, 'glance: The model package glance-minilm has no task "commit-type"; it has comment-debt.\n');
  });

  it('strips comment markers as the editor does', async () => {
    const { stdout } = await glance(['classify', '--jsonl'], jsonl(['// TODO: this is a hack', '# TODO: this is a hack', '/**\n * TODO: this is\n * a hack\n */', 'TODO: this is a hack']));
    const [first, ...others] = rows(stdout);
    others.forEach((row) => assert.deepEqual({ ...row, id: 't0' }, first));
  });

  it('gives the answers of the same comments in a file', async () => {
    const fromFile = rows((await glance(['classify', '--format', 'jsonl', '.'])).stdout);
    const fromRows = rows((await glance(['classify', '--jsonl'], jsonl(fromFile.map(({ text }) => text)))).stdout);
    const answer = ({ label, confidence, exit }: Row): unknown => ({ label, exit, confidence: confidence.toFixed(6) });
    assert.deepEqual(fromRows.map(answer), fromFile.map(answer));
  });

  it('answers a row while whoever writes them waits for it', async () => {
    const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), 'classify', '--jsonl'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const closed = new Promise((resolve) => child.once('close', resolve));
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const id of ['first', 'second']) {
      child.stdin.write(`${JSON.stringify({ id, text: 'TODO: this is an ugly hack' })}\n`);
      const { value } = (await answers.next()) as { value: string };
      assert.equal((JSON.parse(value) as Row).id, id);
    }
    child.stdin.end();
    assert.equal(await closed, 0);
  });

  it('answers many rows', async () => {
    const { stdout } = await glance(['classify', '--jsonl'], jsonl(Array.from({ length: 3000 }, (_, index) => `comment number ${index}`)));
    assert.deepEqual(rows(stdout).map(({ id }) => id), Array.from({ length: 3000 }, (_, id) => `t${id}`));
  });

  const bad: [what: string, line: string, message: RegExp][] = [
    ['is not JSON', '{"id": ', /Line 2 of standard input is not JSON\. Each/u],
    ['is in UTF-16', '{\0"\0i\0d\0', /Line 2 of standard input is not JSON in UTF-8, but in another encoding/u],
    ['has no text', '{"id": "a"}', /Line 2 of standard input has no "text"/u],
    ['has no id', '{"text": "a"}', /Line 2 of standard input has no "id"/u],
    ['has an id that JSON readers change', '{"id": 12345678901234567890, "text": "a"}', /Line 2 of standard input has an "id" beyond/u],
    ['has paths that are no list', '{"id": "a", "text": "a", "paths": "src/a.ts"}', /Line 2 of standard input has "paths" that are not a list of strings/u],
    ['has a path that is no string', '{"id": "a", "text": "a", "paths": ["a", 1]}', /Line 2 of standard input has "paths" that are not/u],
    ['has a heading that is no string', '{"id": "a", "text": "a", "heading": null}', /Line 2 of standard input has a "heading" that is not a string/u],
    ['is a list', '[]', /Line 2 of standard input is not an object/u],
    ['is a number', '7', /Line 2 of standard input is not an object/u],
  ];
  for (const [what, line, message] of bad) {
    it(`stops at a row that ${what}, with its number, after answering those before`, async () => {
      const { status, stdout, stderr } = await glance(['classify', '--jsonl'], `${jsonl(['good'])}${line}\n${jsonl(['never read'])}`);
      assert.equal(status, 2);
      assert.match(stderr, message);
      assert.equal(rows(stdout).length, 1);
    });
  }

  it('gives the same in one process and in several, in order', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
    made.push(folder);
    // Enough work for several processes, in files of different sizes.
    for (let file = 0; file < 20; file += 1) {
      writeFileSync(path.join(folder, `${file}.ts`), Array.from({ length: 100 + 5 * file }, (_, line) => `// ${'maybe '.repeat(line % 4)}mend item ${file} of ${line}\nconst a${line} = 1;\n`).join(''));
    }
    const inFull = (processes: number) => glance(['classify', '--format', 'jsonl', '--policy', 'full', '--processes', String(processes), folder]);
    const [one, several] = [await inFull(1), await inFull(3)];
    assert.equal(one.status, 0, one.stderr);
    assert.ok(one.stdout.split('\n').length > 5 * 512);
    assert.equal(several.stdout, one.stdout);
    const rows = one.stdout.trim().split('\n').map((line, id) => JSON.stringify({ id, text: (JSON.parse(line) as Row).text })).join('\n');
    const [first, second] = await Promise.all(['1', '3'].map((processes) => glance(['classify', '--jsonl', '--policy', 'full', '--processes', processes], rows)));
    assert.equal(second?.stdout, first?.stdout);
    assert.equal(first?.stdout.trim().split('\n').length, rows.split('\n').length);
  });

  it('gives the same from a cache, which holds no text', async () => {
    const cache = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
    made.push(cache);
    const args = ['classify', '--format', 'jsonl', '--full', '--cache', cache, WORKSPACE];
    const [first, second] = [await glance(args), await glance(args)];
    assert.equal(second.stdout, first.stdout);
    const kept = readdirSync(cache).map((file) => readFileSync(path.join(cache, file), 'latin1'));
    assert.equal(kept.length, 2, 'answers and comments');
    const texts = first.stdout.trim().split('\n').map((line) => (JSON.parse(line) as Row).text);
    const words = new Set(texts.join(' ').match(/\w{8,}/gu));
    assert.ok(words.size >= 5, `${words.size} words`);
    kept.forEach((content) => assert.ok(content.length > 100 && [...words].every((word) => !content.includes(word))));
  });

  it('says so when it keeps a stricter promise than was asked for, and nothing when it keeps that one', async () => {
    const rows = '{"id": 1, "text": "// ok"}';
    assert.match((await glance(['classify', '--jsonl', '--max-disagreement', '3%'], rows)).stderr, /at most 2% of the findings differ/u);
    assert.equal((await glance(['classify', '--jsonl', '--max-disagreement', '2%'], rows)).stderr, '');
  });

  it('refuses a folder as its input', async () => {
    const folder = openSync(WORKSPACE, 'r');
    const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), 'classify', '--jsonl'], { stdio: [folder, 'pipe', 'pipe'] });
    const status = new Promise((resolve) => child.once('close', resolve));
    assert.match(await text(child.stderr as Readable), /Standard input is a folder/u);
    assert.equal(await status, 2);
    closeSync(folder);
  });

  it('says so when its input fails on the way', async () => {
    const failing = Readable.from(
      (function* () {
        yield '\n\n';
        throw new Error('EIO: the disk is gone');
      })(),
    );
    const engine = new LocalEngine(SHIPPED);
    const options = { task: TASKS[0], policy: { kind: 'full' }, taught: undefined, minimumConfidence: 0 } as const;
    await assert.rejects(classifyRows(options, engine, inOrderFor(1), failing), { name: 'UsageError', message: /cannot be read any further \(EIO/u });
    await engine.dispose();
  });

  it('takes no input at all', async () => {
    assert.deepEqual(await glance(['classify', '--full', '--jsonl'], ''), { status: 0, stdout: '', stderr: '' });
  });
});

describe('glance usage', () => {
  it('refuses a cache where no folder can be made, at once', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const { status, stderr } = await glance(['classify', '--cache', '/proc/glance/cache', '.']);
    assert.equal(status, 2);
    assert.match(stderr, /--cache \/proc\/glance\/cache is no folder that can be written \(ENOENT\)/u);
  });

  const wrong: [args: string[], message: RegExp][] = [
    [[], /Say what to do/u],
    [['frobnicate'], /no command "frobnicate"/u],
    [['classify'], /Name the files or folders/u],
    [['classify', '--task', 'poetry', '.'], /no task "poetry"; there is comment-debt/u],
    [['classify', '--task', 'commit-type', '.'], /commit-type is for commit messages, .*--jsonl/u],
    [['classify', '--task', 'comment-kind', '--fail-on-findings', '.'], /has no findings to fail on/u],
    [['classify', '--task', 'doc-section', '--minimum-confidence', '70%', '.'], /has no findings to be sure of: leave out --minimum-confidence/u],
    [['classify', '--minimum-confidence', '70', '.'], /--minimum-confidence is a share, .*like 70% or 0\.7: .*Did you mean 70%\?/u],
    [['classify', '--cache', '', '.'], /--cache takes the name of a folder; it is empty/u],
    [['classify', '--cache', 'README.md', '.'], /--cache README\.md is no folder that can be written \(EEXIST\)/u],
    [['classify', '--model', '', '.'], /--model takes the name of a folder; it is empty/u],
    [['classify', '--processes', '0', '.'], /--processes is a whole number from 1 to 999, not "0"/u],
    [['classify', '--policy', 'hope', '.'], /no policy "hope"; there are promise, certainty, entropy, max-probability, patience, pcee, f-pabee, full/u],
    [['classify', '--policy', 'entropy', '--full', '.'], /--full never leaves early/u],
    [['classify', '--policy', 'entropy', '--threshold', 'low', '.'], /--threshold must be a number/u],
    [['classify', '--policy', 'entropy', '--threshold=-1', '.'], /entropy in nats, 0 or more/u],
    [['classify', '--policy', 'certainty', '--threshold', '0', '.'], /probability above 0, at most 1: not 0/u],
    [['classify', '--policy', 'patience', '--threshold', '0.5', '.'], /1 or more: not 0\.5/u],
    [['classify', '--threshold', '0.5', '.'], /--threshold is for a policy of your choice/u],
    [['classify', '--full', '--threshold', '1', '.'], /--full never leaves early/u],
    [['classify', '--full', '--max-disagreement', '1%', '.'], /--full never leaves early: leave out --max-disagreement/u],
    [['classify', '--policy', 'full', '--threshold', '1', '.'], /--policy full never leaves early/u],
    [['classify', '--max-disagreement', '1%', '--policy', 'entropy', '.'], /leave out --policy and --threshold/u],
    [['classify', '--max-disagreement', '1%', '--threshold', '0.5', '.'], /--threshold is for a policy/u],
    [['classify', '--max-disagreement', '-1%', '.'], /--max-disagreement takes a value that does not begin with a dash/u],
    [['classify', '--max-disagreement', '5', '.'], /not "5"\. Did you mean 5%\?/u],
    ...['1', '1.0', '2', '101%', '-1%', 'one', '', '%', '1 %', '1e-2'].map((share): [string[], RegExp] => [['classify', `--max-disagreement=${share}`, '.'], /a share, from 0% to 100%, like 1% or 0\.01: not "/u]),
    [['classify', '--format', 'xml', '.'], /no format "xml"/u],
    [['classify', '--task', 'comment-kind', '--format', 'sarif', '--baseline', 'b.json', '.'], /no findings to list: leave out --format sarif and --baseline/u],
    [['classify', '--baseline', 'a.json', '--write-baseline', 'b.json', '.'], /--write-baseline writes all findings: leave out --baseline/u],
    [['classify', '--baseline', ' ', '.'], /--baseline takes the name of a file; it is empty/u],
    [['classify', '--jsonl', '--write-baseline', 'b.json'], /A baseline is of files/u],
    [['classify', '--jsonl', 'file.ts'], /leave out PATH/u],
    [['classify', 'inventory.ts', ''], /What follows glance classify is empty in one place/u],
    [['model', 'check', ' '], /What follows glance model check is empty in one place/u],
    ...['--frob', '-f'].map((option): [string[], RegExp] => [['classify', option, '.'], new RegExp(`There is no option ${option}\\. \\(See: glance classify --help\\)\n$`, 'u')]),
    [['--full', 'classify', '.'], /Say what to do first/u],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: glance ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await glance(args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /u);
    });
  }
});

describe('glance with a taught task', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  const taughtFile = (examples: readonly Example[], name = 'topics', texts: 'comments' | 'any' = 'comments', silent: string | null = 'tool'): string => {
    const file = path.join(folder, `${name}.jsonl`);
    writeFileSync(file, [headerLine({ name, title: 'Topics', texts, silent }), ...examples.map(exampleLine), ''].join('\n'));
    return file;
  };

  it('prints how good it is', async () => {
    const { status, stdout, stderr } = await glance(['teach', taughtFile(COLOURS_AND_TOOLS)]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^# Topics\n[\s\S]*Right for \d+% of 24 examples[\s\S]*\| tool \(not reported\) \| 12 \|/u);
  });

  it('classifies files and rows with it, also in several processes', async () => {
    const file = taughtFile(COLOURS_AND_TOOLS);
    writeFileSync(path.join(folder, 'a.ts'), '// a dark red wall\nlet a;\n// a wrench for the screw\n');
    const files = await glance(['classify', '--task', file, path.join(folder, 'a.ts')]);
    assert.match(files.stdout, /a\.ts:1:1: colour, \d+% sure, left at exit \d of \d: a dark red wall\n$/u);
    assert.match(files.stderr, /^1 finding in 2 comments of 1 file/mu);
    const texts = Array.from({ length: 600 }, (_, index) => (index % 2 === 0 ? '// paint it blue' : '// sharpen the saw'));
    const [one, two] = await Promise.all([1, 2].map((processes) => glance(['classify', '--jsonl', '--task', taughtFile(COLOURS_AND_TOOLS), '--processes', String(processes)], jsonl(texts))));
    assert.deepEqual(rows(one?.stdout ?? '').map(({ label }) => label), texts.map((_, index) => (index % 2 === 0 ? 'colour' : 'tool')));
    assert.equal(two?.stdout, one?.stdout);
  });

  it('warns of one that has learnt nothing', async () => {
    // Every second example has the label of the other.
    const mixed = COLOURS_AND_TOOLS.map(({ text, label }, index) => ({ text, label: index % 2 === 0 ? label : label === 'tool' ? 'colour' : 'tool' }));
    const { status, stderr } = await glance(['classify', '--jsonl', '--task', taughtFile(mixed, 'mixed')], jsonl(['red']));
    assert.equal(status, 0);
    assert.match(stderr, /^Topics: It cannot be told from always answering the commonest label: do not rely on it yet/mu);
  });

  it('says what is wrong with its file', async () => {
    const few = taughtFile(COLOURS_AND_TOOLS.slice(0, 12), 'few');
    const broken = path.join(folder, 'broken.jsonl');
    writeFileSync(broken, '{"text": "a"}\n');
    const any = taughtFile(COLOURS_AND_TOOLS, 'any', 'any', null);
    const cases: [args: string[], message: RegExp][] = [
      [['teach', few], /"Topics" cannot be trained yet\. It needs two labels at least, and has only "colour"/u],
      [['teach', broken], /broken\.jsonl: Line 1 is not as it should be/u],
      [['teach', path.join(folder, 'none.jsonl')], /none\.jsonl does not exist/u],
      [['teach'], /Name the one file of examples/u],
      [['teach', few, '--full'], /--full is for glance classify/u],
      [['classify', '--task', broken, '.'], /broken\.jsonl: Line 1/u],
      [['classify', '--task', any, '.'], /is for texts, which are not looked for in files/u],
      [['classify', '--task', any, '--jsonl', '--fail-on-findings'], /has no findings to fail on/u],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await glance(args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, message);
    }
  });
});
