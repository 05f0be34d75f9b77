import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Classifier } from '../src/core/classifier';
import { resolvePolicy } from '../src/core/exits/policy-choice';
import { loadModelPackage } from '../src/core/model/model-package';
import { BATCH_TOKENS } from '../src/core/waiting-rows';
import { ChildEngine } from '../src/engine/child-engine';
import { LocalEngine } from '../src/engine/local-engine';
import { NativeBackend } from '../src/engine/native-backend';
import { DIST, FILES } from './paths';
import { median } from './statistics';
import { table } from './table';

/** Time spent in one kind of work. */
interface Account {
  calls: number;
  milliseconds: number;
}

/** Lengths in tokens at which segments are timed. */
const LENGTHS = [8, 16, 32, 64, 128];

const REPETITIONS = 30;

/** Texts whose way to another process and back is timed. */
const RPC_TEXTS = 2000;

/**
 * Says where the time goes when texts are classified at a promise.
 * @returns Markdown.
 */
export async function profile(task: string, texts: readonly string[], maxDisagreement: number): Promise<string> {
  const model = await loadModelPackage((file) => readFile(path.join(FILES.model, file)));
  const backend = await NativeBackend.open(model);
  const known = model.tasks.get(task);
  if (!known) {
    throw new RangeError(`There is no task ${task}.`);
  }
  const policy = resolvePolicy({ kind: 'promise', maxDisagreement }, known.manifest);
  const classifier = new Classifier(model, backend);
  const run = () => classifier.classify({ texts, task: known, policy, priority: 'scan' });
  const decisions = await run(); // warms up

  const accounts = new Map<string, Account>();
  account(accounts, 'tokenise', model.tokenizer, 'encode');
  account(accounts, 'exit 0', known.exitZero, 'logits');
  known.certaintyHeads.forEach((head) => account(accounts, 'certainty', head, 'certainty'));
  account(accounts, 'embeddings', model.embeddings, 'lookUp');
  account(accounts, (segment) => `segment ${Number(segment) + 1}`, backend, 'run');
  known.heads.forEach((head) => account(accounts, 'heads', head, 'logits'));
  const [start, used] = [performance.now(), process.cpuUsage()];
  await run();
  const total = performance.now() - start;
  const { user, system } = process.cpuUsage(used);

  const counted = [...accounts.values()].reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = [...[...accounts].map(([name, spent]) => ({ name, ...spent })), { name: 'the rest: answers, policy, batches', calls: texts.length, milliseconds: total - counted }];
  const exits = Array.from({ length: known.heads.length + 1 }, (_, exit) => decisions.filter((decision) => decision.exit === exit).length);
  const parts = [
    `${texts.length} texts in ${total.toFixed(0)} ms at a promise of ${maxDisagreement * 100}% (${(total * 1000 / texts.length).toFixed(1)} us each; on the processor for ${((user + system) / 10 / total).toFixed(0)}% of that time, the rest was other work on this machine). They leave at exits 0 to ${exits.length - 1}: ${exits.join(', ')}.`,
    table(
      ['work', 'calls', 'us per call', 'us per text', 'share'],
      rows.map(({ name, calls, milliseconds }) => [name, String(calls), us(milliseconds / calls), us(milliseconds / texts.length), `${((100 * milliseconds) / total).toFixed(1)}%`]),
    ),
    'A segment by length, us per call (us per token), for one row and for a full batch:',
    await segmentTable(backend, model.manifest.encoder.segments.length, model.manifest.encoder.hiddenSize),
    await rpcCosts(task, texts, maxDisagreement),
  ];
  await backend.dispose();
  return parts.join('\n\n');
}

function us(milliseconds: number): string {
  return (milliseconds * 1000).toFixed(1);
}

/** Puts a clock around a method of an object, in place. A name that depends on the first argument keeps several accounts. */
function account<Method extends string>(accounts: Map<string, Account>, name: string | ((first: unknown) => string), object: Record<Method, (...args: never[]) => unknown>, method: Method): void {
  const original = object[method].bind(object) as (...args: unknown[]) => unknown;
  const clocked = (...args: unknown[]): unknown => {
    const key = typeof name === 'string' ? name : name(args[0]);
    const entry = accounts.get(key) ?? { calls: 0, milliseconds: 0 };
    accounts.set(key, entry);
    const start = performance.now();
    const stop = (): void => {
      entry.calls += 1;
      entry.milliseconds += performance.now() - start;
    };
    const result = original(...args);
    if (result instanceof Promise) {
      return result.finally(stop);
    }
    stop();
    return result;
  };
  Object.assign(object, { [method]: clocked });
}

async function segmentTable(backend: NativeBackend, segments: number, hiddenSize: number): Promise<string> {
  const perCall = async (segment: number, rows: number, tokens: number): Promise<string> => {
    const hidden = Float32Array.from({ length: rows * tokens * hiddenSize }, (_, at) => Math.sin(at));
    const mask = new Int32Array(rows * tokens).fill(1);
    const times: number[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
      const start = performance.now();
      await backend.run(segment, hidden, mask, rows, tokens);
      times.push(performance.now() - start);
    }
    return `${us(median(times))} (${us(median(times) / rows / tokens)})`;
  };
  const rows: string[][] = [];
  for (const tokens of LENGTHS) {
    const full = Math.max(1, Math.floor(BATCH_TOKENS / tokens));
    for (const count of [1, full]) {
      const cells: string[] = [];
      for (let segment = 0; segment < segments; segment += 1) {
        cells.push(await perCall(segment, count, tokens));
      }
      rows.push([`${count} x ${tokens}`, ...cells]);
    }
  }
  return table(['rows x tokens', ...Array.from({ length: segments }, (_, segment) => `segment ${segment + 1}`)], rows);
}

/** What it costs that the engine of the editor is another process. */
async function rpcCosts(task: string, texts: readonly string[], maxDisagreement: number): Promise<string> {
  const request = { task, texts: texts.slice(0, RPC_TEXTS), policy: { kind: 'promise', maxDisagreement } } as const;
  const local = new LocalEngine(FILES);
  const child = new ChildEngine(path.join(DIST, 'engine.js'), FILES);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  try {
    await Promise.all([local.classify(request), child.classify(request)]);
    const differences: number[] = [];
    const roundTrips: number[] = [];
    for (let repetition = 0; repetition < 5; repetition += 1) {
      const here = await timed(() => local.classify(request));
      differences.push((await timed(() => child.classify(request))) - here);
    }
    for (let repetition = 0; repetition < 100; repetition += 1) {
      roundTrips.push(await timed(() => child.describe()));
    }
    return `RPC: a round trip takes ${us(median(roundTrips))} us; the answers of a request of ${request.texts.length} texts cost ${us(median(differences) / request.texts.length)} us each more than in one process.`;
  } finally {
    await Promise.all([local.dispose(), child.dispose()]);
  }
}
