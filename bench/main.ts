/** `npm run bench`: see bench/README.md. */
import { execFileSync, fork, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Load } from './load';
import type { Measurement } from './measure';
import { BENCH, DIST, ROOT, WORK } from './paths';
import { writePeerModels } from './peer-model';
import { renderLoad, renderResults, renderSummary, replaceBetweenMarkers } from './report';
import type { Results, Round, ScanRound, TaskResults, WayResults } from './results';
import { makeScanFolder, type ScanParts } from './scan';
import { medianRatio } from './statistics';
import { SEED, TEXT_SOURCES } from './texts';
import { glanceName, LIBRARY, TARGET_PROMISE, WAYS, type Answer, type Way } from './ways';
import type { Job, Report } from './worker';
import { deal, describeTexts, everyNth, type Sizes, type Workload } from './workload';

const USAGE = `npm run bench [-- OPTIONS]: Glance beside its peers, on the same texts, in one run.

  --quick       a few hundred texts and one round: does it work?
  --only WORDS  the ways whose name contains this (Transformers.js: "@"; Glance: "Glance"); may be given several times
  --write       writes the results into README.md, docs/benchmark.md and bench/results.json
  --profile     says where the time goes, and measures nothing else
  --load        classifies single texts alone and beside a scan of 200,000, and measures nothing else
  --long        classifies a million texts and prints the memory that this takes, and measures nothing else
  --help`;

/** A run's size. */
interface Plan {
  readonly sizes: Sizes;
  /** For the other tasks, of which there are fewer texts; their selections and files are not shown. */
  readonly otherSizes: Sizes;
  readonly rounds: number;
  readonly scanBytes: number;
  /** Texts of the scan beside which single texts are classified. */
  readonly loadTexts: number;
}

/** Of a long run or a load, a quick one is a hundredth. */
const QUICK_SHARE = 100;

const FULL: Plan = {
  sizes: { warmUp: 3000, single: 200, selections: [10, 20], files: [3, 500], scan: 20_000 },
  otherSizes: { warmUp: 2000, single: 200, selections: [1, 20], files: [1, 60], scan: 1000 },
  rounds: 3,
  scanBytes: 10_000_000,
  loadTexts: 200_000,
};
const QUICK: Plan = {
  sizes: { warmUp: 220, single: 20, selections: [2, 20], files: [1, 60], scan: 200 },
  otherSizes: { warmUp: 220, single: 20, selections: [1, 20], files: [1, 60], scan: 200 },
  rounds: 1,
  scanBytes: 300_000,
  loadTexts: 200_000 / QUICK_SHARE,
};

/** Texts of a long run. */
const MILLION = 1_000_000;

/** The command line. Its messages are for people. */
class UsageProblem extends Error {}

function parse() {
  try {
    const flag = { type: 'boolean' } as const;
    const { values } = parseArgs({ options: { quick: flag, write: flag, profile: flag, load: flag, long: flag, help: flag, only: { type: 'string', multiple: true } } });
    if (values.write && (values.quick || values.only || values.profile || values.load || values.long)) {
      throw new Error('--write is for the whole measurement: give it alone.');
    }
    return values;
  } catch (error) {
    throw new UsageProblem(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function say(message: string): void {
  process.stderr.write(`[bench] ${message}\n`);
}

/** Starts a process for a job. @throws {Error} when it ends without a result. */
function runJob(job: Job, onReport: (report: Report) => void = () => undefined): Promise<unknown> {
  const child = fork(path.join(WORK, 'worker.js'), [JSON.stringify(job)], {
    execArgv: [],
    // The peers' version of ONNX Runtime would report home.
    env: { ...process.env, NODE_OPTIONS: undefined, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.on('message', (report: Report) => {
      onReport(report);
      if (report.kind === 'done') {
        resolve(report.result);
      }
    });
    child.once('error', reject);
    child.once('exit', (status, signal) => reject(new Error(`The process for ${JSON.stringify(job)} ended early (${signal ?? `status ${status}`}).`)));
  });
}

/** One round of one way. `file` holds the workload. */
async function measureWay(way: Way, { task, warmUp: [first = ''] }: Workload, file: string): Promise<{ readonly round: Round; readonly answers: readonly Answer[] }> {
  const started = performance.now();
  let answered = NaN;
  const { start = answered, single, answers, ...measured } = (await runJob({ kind: 'measure', way: way.name, task, first, workload: file }, ({ kind }) => {
    if (kind === 'first-answer') {
      answered = performance.now() - started;
    }
  })) as Measurement;
  return { round: { start, ...single, ...measured }, answers };
}

/**
 * Measures ways in turns, round after round, so that what happens on the machine meanwhile happens to all. Every other round
 * goes backwards.
 */
async function measureTask(workload: Workload, of: string, ways: readonly Way[], rounds: number): Promise<TaskResults> {
  const file = workloadFile(workload);
  const measured = new Map(ways.map((way) => [way, { rounds: [] as Round[], answers: [] as readonly Answer[] }]));
  for (let number = 0; number < rounds; number += 1) {
    for (const way of number % 2 === 0 ? ways : [...ways].reverse()) {
      say(`${workload.task}, round ${number + 1} of ${rounds}: ${way.name}`);
      const { round, answers } = await measureWay(way, workload, file);
      measured.get(way)?.rounds.push(round);
      measured.set(way, { rounds: measured.get(way)?.rounds ?? [], answers });
    }
  }
  const full = [...measured].find(([{ name }]) => name === glanceName('full depth'));
  const results = [...measured].map(([{ name, kind, step }, way]): WayResults => {
    const exits = way.answers.flatMap(({ exit }) => exit ?? []);
    return {
      name,
      kind,
      rounds: way.rounds,
      scanned: way.answers.length,
      meanExit: exits.length > 0 ? exits.reduce((sum, exit) => sum + exit, 0) / exits.length : undefined,
      // A keyword is no label of the task.
      sameLabel: full && kind !== 'floor' ? sameLabels(everyNth(way.answers, full[0].step / step), full[1].answers) : undefined,
    };
  });
  return { task: workload.task, of, warmUp: workload.warmUp.length, selection: workload.selections[0]?.length ?? 0, file: workload.files[0]?.length ?? 0, texts: describeTexts(workload.scan), ways: results };
}

/**
 * How many times the texts a second of one process two have that share nothing, each with Glance as a library: what this machine allows two processes.
 * Undefined where that way is not measured.
 */
async function measureSideBySide(workload: Workload, ways: readonly Way[], rounds: number): Promise<number | undefined> {
  const library = ways.find(({ name }) => name === glanceName(LIBRARY));
  if (!library) {
    return undefined;
  }
  const file = workloadFile(workload);
  const speed = async (): Promise<number> => (await measureWay(library, workload, file)).round.textsPerSecond;
  const [alone, together]: [number[], number[]] = [[], []];
  for (let number = 0; number < rounds; number += 1) {
    say(`${library.name}, alone and twice at the same time, round ${number + 1} of ${rounds}`);
    alone.push(await speed());
    const [one, other] = await Promise.all([speed(), speed()]);
    together.push(one + other);
  }
  return medianRatio(together, alone);
}

function sameLabels(answers: readonly Answer[], full: readonly Answer[]): number {
  return answers.filter(({ label }, index) => label === full[index]?.label).length / answers.length;
}

function workloadFile(workload: Workload): string {
  const file = path.join(WORK, `${workload.task}.json`);
  writeFileSync(file, JSON.stringify(workload));
  return file;
}

/** The texts of a task. @throws {Error} when the packages hold too few for the parts before the scan. */
async function readWorkload({ task, read }: (typeof TEXT_SOURCES)[number], sizes: Sizes): Promise<Workload> {
  const { warmUp, single, selections, files, scan } = sizes;
  const needed = warmUp + single + selections[0] * selections[1] + files[0] * files[1] + scan;
  const workload = deal(task, await read(needed), sizes, SEED);
  if (workload.scan.length === 0) {
    throw new Error(`The installed packages hold too few texts for ${task}. Run "npm ci" and try again.`);
  }
  return workload;
}

/** Scans source files, part by part and by the command line. */
async function scanFiles({ scanBytes, rounds }: Plan): Promise<Results['scan']> {
  const { path: folder, files, bytes } = makeScanFolder(scanBytes);
  const measured: ScanRound[] = [];
  let comments = 0;
  for (let number = 0; number < rounds; number += 1) {
    say(`a scan of ${files} files, round ${number + 1} of ${rounds}`);
    const parts = (await runJob({ kind: 'scan', folder })) as ScanParts;
    ({ comments } = parts);
    const { load, read, cut, classify } = parts;
    measured.push({ load, read, cut, classify, whole: await timeCommandLine(folder) });
  }
  return { files, bytes, comments, maxDisagreement: TARGET_PROMISE, rounds: measured };
}

/** Single texts beside a scan. */
async function measureLoad(workload: Workload, { loadTexts }: Plan): Promise<Load> {
  say(`single texts beside a scan of ${loadTexts}`);
  return (await runJob({ kind: 'load', workload: workloadFile(workload), count: loadTexts })) as Load;
}

/** Milliseconds that `glance classify` takes for a folder, its output thrown away. */
function timeCommandLine(folder: string): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), 'classify', '--format', 'jsonl', '--max-disagreement', String(TARGET_PROMISE), folder], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => (status === 0 ? resolve(performance.now() - started) : reject(new Error(`glance classify ended with status ${status}.`))));
  });
}

function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

function versionOf(name: string, folder: string): string {
  return (JSON.parse(readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}

async function main(): Promise<void> {
  const options = parse();
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const plan = options.quick ? QUICK : FULL;
  const loadBefore = os.loadavg()[0] ?? 0;
  if (loadBefore > 0.5) {
    say(`the machine is busy (load ${loadBefore.toFixed(1)}): ratios still tell something, absolute figures do not`);
  }
  mkdirSync(WORK, { recursive: true });
  say('collecting texts from installed packages');
  const [comments, ...others] = TEXT_SOURCES;
  if (!comments) {
    throw new Error('There is nothing to measure.');
  }
  const first = await readWorkload(comments, plan.sizes);
  if (options.profile) {
    process.stdout.write(`${(await runJob({ kind: 'profile', workload: workloadFile(first) })) as string}\n`);
    return;
  }
  if (options.load) {
    process.stdout.write(`${renderLoad(await measureLoad(first, plan))}\n`);
    return;
  }
  if (options.long) {
    const count = options.quick ? MILLION / QUICK_SHARE : MILLION;
    await runJob({ kind: 'long', workload: workloadFile(first), count }, (report) => {
      if (report.kind === 'memory') {
        process.stdout.write(`${report.done} texts: ${(report.bytes / 2 ** 20).toFixed(0)} MB\n`);
      }
    });
    return;
  }

  say("writing the peers' models");
  writePeerModels();
  const ways = WAYS.filter(({ name }) => options.only?.some((words) => name.includes(words)) ?? true);
  const tasks = [await measureTask(first, comments.of, ways, plan.rounds)];
  for (const source of others) {
    tasks.push(await measureTask(await readWorkload(source, plan.otherSizes), source.of, ways.filter(({ everyTask }) => everyTask), plan.rounds));
  }
  const [processor] = os.cpus();
  const measured: Results = {
    commit: commit(),
    processor: processor?.model.trim() ?? 'unknown',
    processors: os.cpus().length,
    system: `${os.type()} ${os.arch()}`,
    node: process.versions.node,
    versions: {
      '@huggingface/transformers': versionOf('@huggingface/transformers', BENCH),
      '@xenova/transformers': versionOf('@xenova/transformers', BENCH),
      'onnxruntime-node': versionOf('onnxruntime-node', ROOT),
    },
    loadBefore,
    tasks,
    sideBySide: await measureSideBySide(first, ways, plan.rounds),
    load: await measureLoad(first, plan),
    scan: await scanFiles(plan),
  };
  // The documents are written from what bench/results.json keeps.
  const json = JSON.stringify(measured, rounded, 1);
  const results = JSON.parse(json) as Results;
  const report = renderResults(results);
  process.stdout.write(`\n${report}\n`);
  if (options.write) {
    for (const [document, content] of Object.entries({ 'README.md': renderSummary(results), 'docs/benchmark.md': report })) {
      const file = path.join(ROOT, document);
      writeFileSync(file, replaceBetweenMarkers(readFileSync(file, 'utf8'), content));
    }
    writeFileSync(path.join(BENCH, 'results.json'), `${json}\n`);
    say('written: README.md, docs/benchmark.md, bench/results.json');
  }
}

/** Numbers in JSON with the digits that mean something. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof UsageProblem ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
