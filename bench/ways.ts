import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pMapIterable } from 'p-map';
import { inOrderFor } from '../src/cli/classify/in-order';
import type { Decision } from '../src/core/exits/decision';
import { shareInPercent } from '../src/core/exits/promise';
import type { PolicyChoice } from '../src/core/exits/policy-choice';
import { MANIFEST_FILE, parseManifest } from '../src/core/model/manifest';
import { Tokenizer } from '../src/core/model/tokenizer';
import { ChildEngine } from '../src/engine/child-engine';
import type { Engine } from '../src/engine/engine';
import { LocalEngine } from '../src/engine/local-engine';
import { KEYWORD_RULE } from './keyword-rule';
import { BENCH, DIST, FILES } from './paths';
import { PEER_MODELS } from './peer-model';

/** The answer for one text; `exit` where the way has exits. */
export interface Answer {
  readonly label: string;
  readonly exit?: number;
}

/** Classifies a list of texts, in order. */
export type Classify = (texts: readonly string[]) => Promise<readonly Answer[]>;

/** One way to classify texts. To measure another, add it to {@link WAYS}. */
export interface Way {
  readonly name: string;
  readonly kind: 'floor' | 'peer' | 'runtime' | 'glance';
  /** Of the texts of the scan, every so many are measured: the slow ways would take hours for all. */
  readonly step: number;
  /** Whether it is measured on the texts of every task, or on comments alone. */
  readonly everyTask: boolean;
  /**
   * Loads all that the way needs for a task, in a fresh process.
   * @param onProcess hears of each process that it starts to do the work in.
   */
  readonly open: (task: string, onProcess: (process: number) => void) => Promise<Classify>;
}

/** The promise that the targets are about, and at which scans are measured. */
export const TARGET_PROMISE = 0.01;

const AT_TARGET: PolicyChoice = { kind: 'promise', maxDisagreement: TARGET_PROMISE };

/** What the way without a process of its own is called. */
export const LIBRARY = `${shareInPercent(TARGET_PROMISE)}, as a library`;

const SLOW_STEP = 10;

/** Texts of a batch, as users of Transformers.js choose it. */
const PEER_BATCH = 32;

/** Texts of a request, as the command line makes them. */
const REQUEST = 512;

/** How a list is cut into batches for a peer. */
const HABITS = {
  'one at a time': (texts) => texts.map((_, index) => [index]),
  'batches of 32': (texts) => slices([...texts.keys()], PEER_BATCH),
  'batches of 32, sorted': (texts) => slices([...texts.keys()].sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0)), PEER_BATCH),
} as const satisfies Record<string, (texts: readonly string[]) => number[][]>;

type Habit = keyof typeof HABITS;

/** Every way, in the order of the table. */
export const WAYS: readonly Way[] = [
  { name: 'keyword rule', kind: 'floor', step: 1, everyTask: false, open: openKeywordRule },
  ...(Object.keys(HABITS) as Habit[]).flatMap((habit) => [peer('@xenova/transformers', openXenova, habit, false), peer('@huggingface/transformers', openHuggingFace, habit, true)]),
  runtime('one at a time'),
  runtime('batches of 32, sorted'),
  glance('full depth', SLOW_STEP, true, { kind: 'full' }),
  ...supportedPromises().map((maxDisagreement) => glance(shareInPercent(maxDisagreement), 1, maxDisagreement === TARGET_PROMISE, { kind: 'promise', maxDisagreement })),
  glance(LIBRARY, 1, false, AT_TARGET, 1, () => new LocalEngine(FILES)),
  glance(`${shareInPercent(TARGET_PROMISE)}, two processes`, 1, false, AT_TARGET, 2),
];

/** The name of the way that runs Glance at a promise, or in full. */
export function glanceName(what: string): string {
  return `Glance, ${what}`;
}

/**
 * @param engines at work at the same time; the command line has several for a scan.
 * @param openEngine by default in a process of its own, as the editor has it.
 */
function glance(what: string, step: number, everyTask: boolean, policy: PolicyChoice, engines = 1, openEngine: (onProcess: (process: number) => void) => Engine = startEngine): Way {
  const open: Way['open'] = (task, onProcess) => {
    const opened: Engine[] = [];
    let requests = 0;
    // In turns: what the command line does, which opens another when a job is long, would take the time of that from the scan.
    const inTurn = (): Engine => {
      const number = requests % engines;
      requests += 1;
      return (opened[number] ??= openEngine(onProcess));
    };
    return Promise.resolve(async (texts) => {
      const answers: Answer[] = [];
      const priority = texts.length > 1 ? 'scan' : 'interactive';
      const answered = (request: readonly string[]): Promise<Decision[]> => inTurn().classify({ task, texts: request, policy, priority });
      for await (const decisions of pMapIterable(slices(texts, REQUEST), answered, inOrderFor(engines))) {
        answers.push(...decisions.map(({ label, exit }) => ({ label, exit })));
      }
      return answers;
    });
  };
  return { name: glanceName(what), kind: 'glance', step, everyTask, open };
}

/** Starts the engine as the editor does. */
export function startEngine(onProcess: (process: number) => void): ChildEngine {
  const engine = new ChildEngine(path.join(DIST, 'engine.js'), FILES);
  onProcess(engine.processId ?? 0);
  return engine;
}

/** The shares of a promise that the first task of the shipped package supports. */
function supportedPromises(): number[] {
  const { tasks } = parseManifest(readFileSync(path.join(FILES.model, MANIFEST_FILE), 'utf8'));
  return tasks[0]?.promise.levels.map(({ maxDisagreement }) => maxDisagreement) ?? [];
}

/** The least that a classifier can cost. */
function openKeywordRule(): Promise<Classify> {
  return Promise.resolve((texts) => Promise.resolve(texts.map((text) => ({ label: KEYWORD_RULE.test(text) ? 'debt' : 'none' }))));
}

/** The pipeline of Transformers.js, as far as it is used. */
type Pipeline = (texts: string | readonly string[]) => Promise<readonly { readonly label: string }[]>;

interface Transformers {
  readonly env: { localModelPath: string; allowRemoteModels: boolean; allowLocalModels: boolean };
  readonly pipeline: (kind: 'text-classification', model: string, options: object) => Promise<Pipeline>;
}

/** Sessions of one thread, as those of Glance. */
const ONE_THREAD = { intraOpNumThreads: 1, interOpNumThreads: 1 };

function peer(library: string, open: (task: string) => Promise<Pipeline>, habit: Habit, everyTask: boolean): Way {
  return {
    name: `${library}, ${habit}`,
    kind: 'peer',
    step: SLOW_STEP,
    everyTask,
    open: async (task) => {
      const classify = await open(task);
      return inBatches(habit, (texts) => (texts.length === 1 ? classify(texts[0] ?? '') : classify(texts)));
    },
  };
}

async function openHuggingFace(task: string): Promise<Pipeline> {
  const { env, pipeline } = await loadPeer('@huggingface/transformers');
  keepLocal(env);
  return pipeline('text-classification', task, { dtype: 'q8', session_options: ONE_THREAD });
}

async function openXenova(task: string): Promise<Pipeline> {
  const { env, pipeline } = await loadPeer('@xenova/transformers');
  keepLocal(env);
  // This version passes no options on to its sessions.
  const { InferenceSession } = createRequire(peerFile('@xenova/transformers'))('onnxruntime-node') as { InferenceSession: { create: (model: Uint8Array, options: object) => Promise<unknown> } };
  const create = InferenceSession.create.bind(InferenceSession);
  InferenceSession.create = (model, options) => create(model, { ...options, ...ONE_THREAD });
  return pipeline('text-classification', task, { quantized: true });
}

function keepLocal(env: Transformers['env']): void {
  env.localModelPath = PEER_MODELS;
  env.allowLocalModels = true;
  env.allowRemoteModels = false;
}

function peerFile(library: string): string {
  return createRequire(path.join(BENCH, 'package.json')).resolve(library);
}

async function loadPeer(library: string): Promise<Transformers> {
  return (await import(pathToFileURL(peerFile(library)).href)) as Transformers;
}

/** The peers' graph in the product's version of ONNX Runtime, with its tokenizer and nothing else around. */
function runtime(habit: Habit): Way {
  return { name: `ONNX Runtime alone, ${habit}`, kind: 'runtime', step: SLOW_STEP, everyTask: false, open: async (task) => inBatches(habit, await openRuntime(task)) };
}

async function openRuntime(task: string): Promise<Classify> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const file = (name: string): string => path.join(PEER_MODELS, task, name);
  const config = JSON.parse(readFileSync(file('config.json'), 'utf8')) as { id2label: Record<string, string>; vocab_size: number };
  const labels = Object.values(config.id2label);
  const { model_max_length: longest } = JSON.parse(readFileSync(file('tokenizer_config.json'), 'utf8')) as { model_max_length: number };
  const tokenizer = new Tokenizer('tokenizer.json', readFileSync(file('tokenizer.json'), 'utf8'), config.vocab_size);
  const session = await InferenceSession.create(file('onnx/model_quantized.onnx'), ONE_THREAD);
  return async (texts) => {
    const rows = texts.map((text) => tokenizer.encode(text, longest));
    const tokens = Math.max(...rows.map(({ length }) => length));
    const [ids, mask] = [new BigInt64Array(rows.length * tokens), new BigInt64Array(rows.length * tokens)];
    rows.forEach((row, index) => {
      row.forEach((id, at) => (ids[index * tokens + at] = BigInt(id)));
      mask.fill(1n, index * tokens, index * tokens + row.length);
    });
    const tensor = (values: BigInt64Array) => new Tensor('int64', values, [rows.length, tokens]);
    const { logits } = await session.run({ input_ids: tensor(ids), attention_mask: tensor(mask), token_type_ids: tensor(new BigInt64Array(ids.length)) });
    const values = logits?.data as Float32Array;
    return rows.map((_, row) => {
      const own = values.subarray(row * labels.length, (row + 1) * labels.length);
      return { label: labels[own.indexOf(Math.max(...own))] ?? '' };
    });
  };
}

/** A way that cuts a list into batches and puts the answers back in order. */
function inBatches(habit: Habit, classify: Classify): Classify {
  return async (texts) => {
    const answers = new Array<Answer>(texts.length);
    for (const batch of HABITS[habit](texts)) {
      const found = await classify(batch.map((index) => texts[index] ?? ''));
      batch.forEach((index, at) => (answers[index] = { label: found[at]?.label ?? '' }));
    }
    return answers;
  };
}

/** Cuts a list into pieces of a size. */
export function slices<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, slice) => items.slice(slice * size, (slice + 1) * size));
}
