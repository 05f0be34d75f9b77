/**
 * `npm run spark [-- --rows N]`: the recipe of docs/spark.md on a local cluster: the same bytes as one process with one worker, with two, and with
 * one of two killed on the way. Needs Python with pyspark, and Java; prints how long each took.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { withLifetime } from './harness/lifetime.mjs';
import { ROOT, which } from './harness/paths.mjs';
import { SetupProblem, main, say } from './harness/progress.mjs';
import { prepare } from './setup.mjs';

const RECIPE = path.join(ROOT, 'test/spark/classify_rows.py');
const CLI = path.join(ROOT, 'dist/cli.js');

/** Spark's name for the processes of its workers. */
const EXECUTOR = 'CoarseGrainedExecutorBackend';

/** Made-up comments, all different, some of which admit debt. */
const COMMENTS = [
  'Returns the number of entries.', 'TODO: handle the empty case', 'This is a workaround for the parser', 'Opens the file and reads its header.',
  'not implemented yet', 'Creates a new session for the user', 'FIXME: leaks the handle', 'Sorted by name, then by date',
];

function writeRows(file, count) {
  const stream = fs.openSync(file, 'w');
  for (let start = 0; start < count; start += 10_000) {
    let lines = '';
    for (let id = start; id < Math.min(start + 10_000, count); id += 1) {
      lines += `${JSON.stringify({ id, text: `${COMMENTS[id % COMMENTS.length]} (${id})` })}\n`;
    }
    fs.writeSync(stream, lines);
  }
  fs.closeSync(stream);
}

/** SHA-256 of files, one after the other. */
function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(file));
  return hash.digest('hex');
}

/** The Python that has pyspark. @throws {SetupProblem} when there is none, or no Java. */
function findPython() {
  const python = process.env.PYTHON ?? which('python3') ?? which('python');
  if (!python || spawnSync(python, ['-c', 'import pyspark']).status !== 0) {
    throw new SetupProblem('pyspark is needed: pip install pyspark (PYTHON names another interpreter than python3).');
  }
  if (spawnSync(process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin/java') : 'java', ['-version']).status !== 0) {
    throw new SetupProblem('Java is needed to run Spark (17 or later).');
  }
  return python;
}

/** Seconds that one process takes for the rows. */
function alone(input, output) {
  const started = Date.now();
  const { status } = spawnSync(process.execPath, [CLI, 'classify', '--jsonl', '--processes', '1'], { stdio: [fs.openSync(input, 'r'), fs.openSync(output, 'w'), 'inherit'] });
  if (status !== 0) throw new Error(`glance classify ended with status ${status}.`);
  return (Date.now() - started) / 1000;
}

/**
 * Seconds that Spark takes, start and all.
 * @param kill whether one of its workers is killed once the first answers are there.
 */
async function onSpark(lifetime, python, input, output, workers, { kill = false } = {}) {
  const started = Date.now();
  const child = lifetime.spawn(python, [
    RECIPE, input, output, `${process.execPath} ${CLI} classify --jsonl --processes 1`, '--partitions', '16',
  ], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PYSPARK_PYTHON: python, PYSPARK_SUBMIT_ARGS: `--master local-cluster[${workers},1,1024] --conf spark.ui.enabled=false pyspark-shell` } });
  let log = '';
  child.stderr.on('data', (text) => (log = (log + text).slice(-4000)));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (kill) {
    while (child.exitCode === null && !finishedParts(output)) await sleep(100);
    const [victim] = executors();
    if (!victim) throw new Error('There was no worker to kill.');
    process.kill(victim, 'SIGKILL');
    say(`worker ${victim} was killed`);
  }
  const status = await ended;
  if (status !== 0) throw new Error(`Spark ended with status ${status}:\n${log}`);
  return (Date.now() - started) / 1000;
}

/** Whether some part of an output is done, and the job is not. */
function finishedParts(output) {
  return fs.existsSync(output) && fs.readdirSync(output, { recursive: true }).some((name) => /_temporary.*task_[^/]*\/part-\d+$/u.test(name));
}

/** Process identifiers of Spark's workers. */
function executors() {
  const { stdout } = spawnSync('pgrep', ['-f', EXECUTOR], { encoding: 'utf8' });
  return stdout.trim().split('\n').filter(Boolean).map(Number);
}

function partsOf(output) {
  return fs.readdirSync(output).filter((name) => /^part-\d+$/u.test(name)).sort().map((name) => path.join(output, name));
}

await main(async () => {
  const { rows } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } }).values;
  const python = findPython();
  await prepare();
  await withLifetime(async (lifetime) => {
    const folder = lifetime.temporaryFolder('spark');
    const input = path.join(folder, 'rows.jsonl');
    writeRows(input, Number(rows));
    const reference = path.join(folder, 'reference.jsonl');
    const table = [['one process, without Spark', alone(input, reference)]];
    const expected = digest([reference]);
    for (const [what, workers, options] of [['one worker', 1], ['two workers', 2], ['two workers, one killed on the way', 2, { kill: true }]]) {
      const output = path.join(folder, what.replaceAll(/\W+/gu, '-'));
      table.push([what, await onSpark(lifetime, python, input, output, workers, options)]);
      if (digest(partsOf(output)) !== expected) throw new Error(`With ${what} the answers are not those of one process.`);
    }
    say(`${rows} rows, the same bytes each time`);
    for (const [what, seconds] of table) say(`${what}: ${seconds.toFixed(0)} s`);
    say(`two workers against one: ${(table[1][1] / table[2][1]).toFixed(2)} times as fast`);
  });
});
