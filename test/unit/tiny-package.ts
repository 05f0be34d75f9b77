import { createHash } from 'node:crypto';
import type { Backend, SegmentOutput } from '../../src/core/backend';
import { loadModelPackage, type LoadedPackage, type PackageReader } from '../../src/core/model/model-package';

/** Words of the tiny vocabulary; a word's number is its token id. */
const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'todo', 'fix', 'this', 'ok', 'maybe', '##s'];

const HIDDEN = 4;
const TASKS = [
  { id: 'tiny-task', labels: ['none', 'design', 'defect'], silentLabel: 'none', multiLabel: false, maximumTokens: 8, weights: 'tiny-task.safetensors' },
  { id: 'tiny-topics', labels: ['how', 'why', 'who'], multiLabel: true, labelThresholds: [0.6, 0.6, 0.9], maximumTokens: 6, weights: 'tiny-topics.safetensors' },
];
const LABELS = 3;
const SEGMENTS = 3;
const BUCKETS = 6;
const MAXIMUM_TOKENS = 8;

type Tensors = Record<string, { readonly shape: readonly number[]; readonly values: Float32Array | Int8Array }>;

/** Bytes of a safetensors file. */
export function safetensors(tensors: Tensors): Buffer {
  const header: Record<string, unknown> = {};
  const data: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    header[name] = { dtype: values instanceof Int8Array ? 'I8' : 'F32', shape, data_offsets: [offset, offset + bytes.length] };
    data.push(bytes);
    offset += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...data]);
}

const filled = (length: number, value: (index: number) => number): Float32Array => Float32Array.from({ length }, (_, index) => value(index));

function tokenizerJson(): string {
  const special = WORDS.slice(0, 4).map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }));
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '[SEP]', type_id: 0 } }],
      pair: [],
      special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])) },
  });
}

/** Weights of a task: exit 0 knows "ok" as its first label and "todo" as its second, and nothing else, and exit K adds K eighths of its opinion; certainty is the sigmoid of the first margin less 2. */
function taskWeights(): Buffer {
  const rows = WORDS.length + BUCKETS;
  const table = new Int8Array(rows * LABELS);
  table[WORDS.indexOf('ok') * LABELS] = 100;
  table[WORDS.indexOf('todo') * LABELS + 1] = 100;
  const heads: Tensors = {};
  for (let exit = 1; exit <= SEGMENTS; exit += 1) {
    // Label k reads dimension k, the more sharply the deeper the exit.
    heads[`exit${exit}.weight`] = { shape: [LABELS, HIDDEN], values: filled(LABELS * HIDDEN, (index) => (index % HIDDEN === Math.floor(index / HIDDEN) ? 4 * exit : 0)) };
    heads[`exit${exit}.bias`] = { shape: [LABELS], values: new Float32Array(LABELS) };
    heads[`exit${exit}.wide`] = { shape: [1], values: Float32Array.of(exit / 8) };
    heads[`certainty${exit - 1}.weight`] = { shape: [6 + LABELS], values: filled(6 + LABELS, (index) => (index === 0 ? 1 : 0)) };
    heads[`certainty${exit - 1}.bias`] = { shape: [1], values: Float32Array.of(-2) };
  }
  return safetensors({
    'exit0.table': { shape: [rows, LABELS], values: table },
    'exit0.scale': { shape: [LABELS], values: filled(LABELS, () => 0.2) },
    'exit0.bias': { shape: [LABELS], values: new Float32Array(LABELS) },
    ...heads,
  });
}

/** Files of a model package small enough to reckon by hand: a task of which one label holds, and one of which several may. */
export function tinyFiles(): Map<string, Buffer> {
  const files = new Map<string, Buffer>([
    ['tokenizer.json', Buffer.from(tokenizerJson())],
    [
      'embeddings.safetensors',
      safetensors({
        words: { shape: [WORDS.length, HIDDEN], values: Int8Array.from({ length: WORDS.length * HIDDEN }, (_, index) => (Math.floor(index / HIDDEN) * 7 + (index % HIDDEN) * 3) % 11) },
        scales: { shape: [WORDS.length], values: filled(WORDS.length, () => 0.1) },
        positions: { shape: [MAXIMUM_TOKENS, HIDDEN], values: filled(MAXIMUM_TOKENS * HIDDEN, (index) => index / 100) },
      }),
    ],
    ...TASKS.map(({ weights }): [string, Buffer] => [weights, taskWeights()]),
    ...Array.from({ length: SEGMENTS }, (_, index): [string, Buffer] => [`segment-${index + 1}.onnx`, Buffer.from(`segment ${index + 1}`)]),
  ]);
  const manifest = {
    formatVersion: 4,
    name: 'tiny',
    version: '1.0.0',
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }])),
    encoder: {
      hiddenSize: HIDDEN,
      layers: SEGMENTS,
      maximumTokens: MAXIMUM_TOKENS,
      vocabularySize: WORDS.length,
      tokenizer: 'tokenizer.json',
      embeddings: 'embeddings.safetensors',
      segments: Array.from({ length: SEGMENTS }, (_, index) => ({ file: `segment-${index + 1}.onnx`, lastLayer: index + 1 })),
    },
    tasks: TASKS.map((task) => ({
      ...task,
      temperatures: [1, 1, 1, 1],
      defaults: { maxDisagreement: 0.02, certainty: 0.98, entropy: 0.2, 'max-probability': 0.95, patience: 2, pcee: 0.3, 'f-pabee': 0.05 },
      promise: { confidence: 0.95, of: task.silentLabel === undefined ? 'answers' : 'findings', levels: [{ maxDisagreement: 0.01, certainty: 0.995 }, { maxDisagreement: 0.05, certainty: 0.9 }] },
    })),
  };
  return files.set('model.json', Buffer.from(JSON.stringify(manifest)));
}

/** Reads from a map of files, and fails like a file system. */
export function readerOf(files: ReadonlyMap<string, Buffer>): PackageReader {
  return (file) => {
    const bytes = files.get(file);
    return bytes ? Promise.resolve(bytes) : Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }));
  };
}

export function tinyPackage(): Promise<LoadedPackage> {
  return loadModelPackage(readerOf(tinyFiles()));
}

/** An encoder in plain arithmetic: each segment adds a tenth to the states, and pools by the mean over the mask. It keeps count of what it was given. */
export class TinyBackend implements Backend {
  readonly name = 'tiny';
  readonly calls: { segment: number; rows: number; tokens: number }[] = [];
  /** What the next runs fail with. */
  failure: Error | undefined;

  /** Resolves when this many segments have been run. */
  async called(times: number): Promise<void> {
    while (this.calls.length < times) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  run(segment: number, hidden: Float32Array, mask: Int32Array, rows: number, tokens: number): Promise<SegmentOutput> {
    if (this.failure) {
      return Promise.reject(this.failure);
    }
    this.calls.push({ segment, rows, tokens });
    const states = hidden.map((value, index) => ((mask[Math.floor(index / HIDDEN)] ?? 0) === 1 ? value + 0.1 : value));
    const pooled = new Float32Array(rows * HIDDEN);
    for (let row = 0; row < rows; row += 1) {
      let length = 0;
      for (let token = 0; token < tokens; token += 1) {
        if (mask[row * tokens + token] === 1) {
          length += 1;
          for (let index = 0; index < HIDDEN; index += 1) {
            pooled[row * HIDDEN + index] = (pooled[row * HIDDEN + index] ?? 0) + (states[(row * tokens + token) * HIDDEN + index] ?? 0);
          }
        }
      }
      for (let index = 0; index < HIDDEN; index += 1) {
        pooled[row * HIDDEN + index] = (pooled[row * HIDDEN + index] ?? 0) / length;
      }
    }
    return Promise.resolve(segment === SEGMENTS - 1 ? { pooled } : { states, pooled });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
