/**
 * `npm run spark [-- --rows N]`: the recipe of docs/spark.md on a cluster of this machine. The answers must be those of one process, byte by byte,
 * with one worker, with two, and with one of two killed on the way; prints how long each took, and the memory of Glance.
 * Needs Python with pyspark, and Java; is skipped without.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { withLifetime } from './harness/lifetime.mjs';
import { ROOT, cleanEnvironment, which } from './harness/paths.mjs';
import { SetupProblem, main, say, step } from './harness/progress.mjs';
import { prepare } from './setup.mjs';

const RECIPE = path.join(ROOT, 'test/spark/classify_rows.py');
const CLI = path.join(ROOT, 'dist/cli.js');
const GLANCE = [process.execPath, CLI, 'classify', '--jsonl', '--processes', '1'];

/** Spark's name for the process of a worker in which tasks run. */
const EXECUTOR = 'CoarseGrainedExecutorBackend';

/** Kinds of comments, some of which admit debt; a number makes each row another text. */
const COMMENTS = [
  'Returns the number of entries.', 'TODO: handle the empty case', 'This is a workaround for the parser', 'Opens the file and reads its header.',
  'not implemented yet', 'Creates a new session for the user', 'FIXME: leaks the handle', 'Sorted by name, then by date',
];

function writeRows(file, count) {
  const descriptor = fs.openSync(file, 'w');
  for (let start = 0; start < count; start += 10_000) {
    const ids = Array.from({ length: Math.min(10_000, count - start) }, (_, index) => start + index);
    fs.writeSync(descriptor, ids.map((id) => `${JSON.stringify({ id, text: `${COMMENTS[id % COMMENTS.length]} (${id})` })}\n`).join(''));
  }
  fs.closeSync(descriptor);
}

/** SHA-256 of files, one after the other, and their lines. */
function digest(files) {
  const hash = createHash('sha256');
  let lines = 0;
  for (const file of files) {
    const bytes = fs.readFileSync(file);
    hash.update(bytes);
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
  }
  return { hash: hash.digest('hex'), lines };
}

/** What is missing here for Spark to run, in words; undefined when nothing is. */
function whatIsMissing(python) {
  if (process.platform === 'win32') return 'a system other than Windows: the processes are watched with ps';
  if (!python || spawnSync(python, ['-c', 'import pyspark']).status !== 0) return 'pyspark: pip install pyspark==4.3.0 (PYTHON names an interpreter other than python3)';
  const java = process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin/java') : 'java';
  if (spawnSync(java, ['-version']).status !== 0) return 'Java 17 or later, on the PATH or in JAVA_HOME';
  return undefined;
}

/** The descendants of a process: {pid, parent, kilobytes (resident), command} of each. */
function descendants(root) {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const all = [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/gmu)].map(([, pid, parent, kilobytes, command]) => ({ pid: +pid, parent: +parent, kilobytes: +kilobytes, command }));
  const family = new Set([root]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid));
}

const isGlance = ({ command }) => command.includes(`${CLI} classify`);

/** Watches a process to its end: the greatest resident memory, in MB, of a copy of Glance that it is or has started. */
async function greatestMemory(child, look = () => {}) {
  let greatest = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const family = descendants(child.pid);
    greatest = Math.max(greatest, ...family.filter(isGlance).map(({ kilobytes }) => kilobytes));
    look(family);
    await sleep(500);
  }
  return Math.round(greatest / 1000);
}

/** One process for all rows: {seconds, memory}. */
async function alone(lifetime, input, output) {
  const started = Date.now();
  const [program, ...args] = GLANCE;
  const child = lifetime.spawn(program, args, { stdio: [fs.openSync(input, 'r'), fs.openSync(output, 'w'), 'inherit'], env: cleanEnvironment() });
  const memory = await greatestMemory(child);
  if (child.exitCode !== 0) throw new Error(`glance classify ended with status ${child.exitCode}.`);
  return { seconds: (Date.now() - started) / 1000, memory };
}

/**
 * The recipe on a cluster: {seconds, memory, lost}, without the start and the end of Spark itself; `lost` is how many tasks it had to repeat.
 * @param kill whether a worker is killed that is at work when the first parts are there
 */
async function onSpark(lifetime, python, { input, output, workers, partitions, kill }) {
  const options = [
    '--master', `local-cluster[${workers},1,1024]`,
    // Time is measured from when all workers are there.
    '--conf', `spark.cores.max=${workers}`, '--conf', 'spark.scheduler.minRegisteredResourcesRatio=1',
    '--conf', 'spark.ui.enabled=false', '--conf', 'spark.ui.showConsoleProgress=false', 'pyspark-shell',
  ];
  const child = lifetime.spawn(python, [RECIPE, input, output, GLANCE.join(' '), '--partitions', String(partitions)], {
    cwd: lifetime.temporaryFolder('spark-work'), // where it keeps what its workers wrote
    stdio: ['ignore', 'ignore', 'pipe'],
    env: cleanEnvironment({ PYSPARK_PYTHON: python, PYSPARK_SUBMIT_ARGS: options.join(' '), SPARK_LOCAL_IP: '127.0.0.1' }),
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  let killed;
  const memory = await greatestMemory(child, (family) => {
    if (!kill || killed || !hasFinishedParts(output)) return;
    const copies = family.filter(isGlance).map(({ pid }) => pid);
    killed = family.find(({ pid, command }) => command.includes(EXECUTOR) && descendants(pid).some((process) => copies.includes(process.pid)))?.pid;
    if (killed) process.kill(killed, 'SIGKILL');
  });
  if (child.exitCode !== 0) throw new Error(`Spark ended with status ${child.exitCode}:\n${log.slice(-4000)}`);
  const lost = log.match(/Lost task/gu)?.length ?? 0;
  if (kill && lost === 0) throw new Error(`No worker was killed at work, so that nothing was shown: take more rows.`);
  return { seconds: (fs.statSync(path.join(output, '_SUCCESS')).mtimeMs - fs.statSync(output).birthtimeMs) / 1000, memory, lost };
}

/** Whether some part of an output is done. */
function hasFinishedParts(output) {
  return fs.existsSync(output) && fs.readdirSync(output, { recursive: true }).some((name) => /task_[^/]*\/part-\d+$/u.test(name));
}

function partsOf(output) {
  return fs.readdirSync(output).filter((name) => /^part-\d+$/u.test(name)).sort().map((name) => path.join(output, name));
}

function rowsWanted() {
  const { rows } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } }).values;
  if (!/^[1-9]\d*$/u.test(rows)) throw new SetupProblem(`--rows is a whole number, not "${rows}".`);
  return Number(rows);
}

await main(async () => {
  const rows = rowsWanted();
  const python = process.env.PYTHON ?? which('python3') ?? which('python');
  const missing = whatIsMissing(python);
  if (missing) {
    say(`skipped: this needs ${missing}.`);
    return;
  }
  await prepare();
  await withLifetime(async (lifetime) => {
    const folder = lifetime.temporaryFolder('spark');
    const input = path.join(folder, 'rows.jsonl');
    const reference = path.join(folder, 'answers.jsonl');
    // A copy takes about half a second to start, so that a part should be of many rows; but each worker should have several.
    const partitions = Math.max(8, Math.ceil(rows / 50_000));
    writeRows(input, rows);
    const runs = [['one process, without Spark', await step('one process, without Spark', () => alone(lifetime, input, reference))]];
    const expected = digest([reference]);
    for (const [what, workers, kill] of [['one worker', 1, false], ['two workers', 2, false], ['two workers, one of them killed', 2, true]]) {
      const output = path.join(folder, what.replaceAll(/\W+/gu, '-'));
      runs.push([what, await step(`Spark: ${what}`, () => onSpark(lifetime, python, { input, output, workers, partitions, kill }))]);
      const { hash, lines } = digest(partsOf(output));
      if (hash !== expected.hash) throw new Error(`With ${what} the ${lines} answers are not the ${expected.lines} of one process.`);
    }
    console.log(`\n${rows.toLocaleString('en')} rows in ${partitions} parts; the same ${expected.lines.toLocaleString('en')} answers each time, byte by byte (SHA-256 ${expected.hash.slice(0, 12)})`);
    for (const [what, { seconds, memory, lost }] of runs) {
      console.log(`  ${what.padEnd(32)}${seconds.toFixed(1).padStart(8)} s   ${String(memory).padStart(4)} MB at most in a copy of Glance${lost ? `; ${lost} of its tasks repeated` : ''}`);
    }
    const [, [, one], [, two]] = runs;
    console.log(`  two workers are ${(one.seconds / two.seconds).toFixed(2)} times as fast as one`);
  });
});
