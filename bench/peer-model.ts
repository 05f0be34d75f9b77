/**
 * The model that the peers run: the shipped encoder at full depth and one task's last head, as the graph that people have
 * who export a BERT classifier and quantise it dynamically with ONNX Runtime's tool, in the folder layout of Transformers.js.
 * `bench/README.md` says how that was checked.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MANIFEST_FILE, parseManifest, type Manifest } from '../src/core/model/manifest';
import { Safetensors } from '../src/core/model/safetensors';
import { BENCH, FILES, WORK } from './paths';

/** What is used of the package onnx-proto (protobuf.js classes of ONNX's messages). */
interface OnnxProto {
  readonly onnx: { readonly ModelProto: { decode(bytes: Uint8Array): GraphFile; create(model: object): object; encode(model: object): { finish(): Uint8Array } } };
}

interface GraphFile {
  readonly graph: {
    readonly node: readonly { readonly opType: string; readonly attribute: readonly { readonly name: string; readonly i: number | { toNumber(): number } }[] }[];
    readonly initializer: readonly { readonly name: string; readonly dims: readonly (number | { toNumber(): number })[]; readonly rawData: Uint8Array }[];
  };
}

/** Numbers of ONNX's TensorProto.DataType. */
const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;

type Values = Float32Array | Int8Array | BigInt64Array;

/** Weights are quantised to 7 bits, as Transformers.js's own conversion does for BERT: 8 saturate on processors without VNNI. */
const WEIGHT_RANGE = 63;

/** Folder that holds the models of the peers, each in a folder with the name of its task. */
export const PEER_MODELS = path.join(WORK, 'peer-models');

/**
 * Writes the peers' model of each task.
 * @throws {Error} when the shipped segments are not of the form that this can take apart.
 */
export function writePeerModels(): void {
  const read = (file: string): Buffer => readFileSync(path.join(FILES.model, file));
  const manifest = parseManifest(read(MANIFEST_FILE).toString());
  const proto = createRequire(path.join(BENCH, 'package.json'))('onnx-proto') as OnnxProto;
  const encoder = readEncoder(manifest, read, proto);
  for (const task of manifest.tasks) {
    const folder = path.join(PEER_MODELS, task.id);
    mkdirSync(path.join(folder, 'onnx'), { recursive: true });
    writeFileSync(path.join(folder, 'tokenizer.json'), read(manifest.encoder.tokenizer));
    writeJson(path.join(folder, 'tokenizer_config.json'), { tokenizer_class: 'BertTokenizer', do_lower_case: true, model_max_length: task.maximumTokens, cls_token: '[CLS]', sep_token: '[SEP]', pad_token: '[PAD]', unk_token: '[UNK]', mask_token: '[MASK]' });
    writeJson(path.join(folder, 'config.json'), configOf(manifest, task));
    writeFileSync(path.join(folder, 'onnx/model_quantized.onnx'), proto.onnx.ModelProto.encode(proto.onnx.ModelProto.create(buildModel(manifest, task, encoder, new Safetensors(task.weights, read(task.weights))))).finish());
  }
}

function configOf({ encoder }: Manifest, { labels, multiLabel, maximumTokens, temperatures }: Manifest['tasks'][number]): object {
  return {
    architectures: ['BertForSequenceClassification'],
    model_type: 'bert',
    hidden_size: encoder.hiddenSize,
    num_hidden_layers: temperatures.length - 1,
    max_position_embeddings: maximumTokens,
    vocab_size: encoder.vocabularySize,
    problem_type: multiLabel ? 'multi_label_classification' : 'single_label_classification',
    id2label: Object.fromEntries(labels.entries()),
    label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
  };
}

/** Collects the nodes and constants of a graph. Values are named after what made them. */
class Graph {
  readonly nodes: object[] = [];
  readonly constants: object[] = [];

  constant(name: string, values: Values, dims: readonly number[] = [values.length]): string {
    const dataType = values instanceof Float32Array ? FLOAT : values instanceof Int8Array ? INT8 : INT64;
    this.constants.push({ name, dims, dataType, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    return name;
  }

  number(name: string, value: number): string {
    return this.constant(name, Float32Array.of(value), []);
  }

  integers(name: string, ...values: number[]): string {
    return this.constant(name, BigInt64Array.from(values, BigInt));
  }

  /** A node with one output, which bears the node's name. */
  node(opType: string, name: string, input: readonly string[], attributes: Record<string, number | readonly number[] | { readonly float: number }> = {}, output: readonly string[] = [name]): string {
    const attribute = Object.entries(attributes).map(([key, value]) =>
      typeof value === 'number' ? { name: key, type: 2, i: value } : 'float' in value ? { name: key, type: 1, f: value.float } : { name: key, type: 7, ints: value },
    );
    this.nodes.push({ opType, name, input, output, attribute });
    return name;
  }

  /** Quantises a tensor at run time, as a whole: the scale depends on all texts of the batch. */
  quantise(value: string): Quantised {
    const names: Quantised = [`${value}.quantised`, `${value}.scale`, `${value}.zero`];
    this.node('DynamicQuantizeLinear', `${value}.quantise`, [value], {}, names);
    return names;
  }

  /** x W + b in 8-bit integers. */
  linear(name: string, [value, scale, zero]: Quantised, { values, scales, bias }: Matrix): string {
    const [inputs, outputs] = [values.length / scales.length, scales.length];
    const weight = this.constant(`${name}.weight`, values, [inputs, outputs]);
    const weightZero = this.constant(`${name}.weight.zero`, new Int8Array(outputs));
    const product = this.node('MatMulInteger', `${name}.product`, [value, weight, zero, weightZero]);
    const bothScales = this.node('Mul', `${name}.scales`, [scale, this.constant(`${name}.weight.scale`, scales)]);
    const floats = this.node('Mul', `${name}.floats`, [this.node('Cast', `${name}.cast`, [product], { to: FLOAT }), bothScales]);
    return this.node('Add', name, [this.constant(`${name}.bias`, bias), floats]);
  }

  /** Rows of a table of 8-bit integers with one scale. */
  lookUp(name: string, { values, scale }: Table, width: number, ids: string): string {
    const rows = this.node('Gather', `${name}.rows`, [this.constant(`${name}.table`, values, [values.length / width, width]), ids]);
    return this.node('DequantizeLinear', name, [rows, this.number(`${name}.scale`, scale), this.constant(`${name}.zero`, new Int8Array(1), [])]);
  }

  layerNorm(name: string, value: string, gain: Float32Array, bias: Float32Array): string {
    return this.node('LayerNormalization', name, [value, this.constant(`${name}.gain`, gain), this.constant(`${name}.bias`, bias)], { axis: -1, epsilon: { float: 1e-12 } });
  }
}

type Quantised = readonly [value: string, scale: string, zero: string];

/** A matrix [inputs, outputs] in 8-bit integers with a scale per column, and a bias. */
interface Matrix {
  readonly values: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array;
}

/** A table in 8-bit integers with a single scale. */
interface Table {
  readonly values: Int8Array;
  readonly scale: number;
}

/** What the models of all tasks have in common. */
interface Encoder {
  readonly words: Table;
  readonly types: Table;
  readonly positions: Table;
  readonly segments: readonly Segment[];
}

function readEncoder({ encoder }: Manifest, read: (file: string) => Buffer, proto: OnnxProto): Encoder {
  const { hiddenSize, vocabularySize, maximumTokens, embeddings, segments } = encoder;
  const tables = new Safetensors(embeddings, read(embeddings));
  const scales = tables.float32('scales', [vocabularySize]).values;
  const words = new Float32Array(tables.int8('words', [vocabularySize, hiddenSize]).values);
  scales.forEach((scale, row) => words.subarray(row * hiddenSize, (row + 1) * hiddenSize).forEach((value, at, own) => (own[at] = value * scale)));
  return {
    words: quantiseWhole(words),
    // The shipped position table holds the embedding of the only token type as well.
    types: quantiseWhole(new Float32Array(2 * hiddenSize)),
    positions: quantiseWhole(tables.float32('positions', [maximumTokens, hiddenSize]).values),
    segments: segments.map(({ file }) => new Segment(file, proto.onnx.ModelProto.decode(read(file)), hiddenSize)),
  };
}

function buildModel({ encoder: { hiddenSize, maximumTokens } }: Manifest, task: Manifest['tasks'][number], encoder: Encoder, heads: Safetensors): object {
  const depth = task.temperatures.length - 1;
  const segments = encoder.segments.slice(0, depth);
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last) {
    throw new Error(`The task ${task.id} has no segments.`);
  }
  const graph = new Graph();

  const length = graph.node('Gather', 'length', [graph.node('Shape', 'shape', ['input_ids']), graph.integers('second', 1)], { axis: 0 });
  const positions = graph.node('Slice', 'positions', [graph.constant('positions.all', BigInt64Array.from({ length: maximumTokens }, (_, at) => BigInt(at)), [1, maximumTokens]), graph.integers('zero', 0), length, graph.integers('one', 1)]);
  const wordRows = graph.lookUp('words', encoder.words, hiddenSize, 'input_ids');
  const typeRows = graph.lookUp('types', encoder.types, hiddenSize, 'token_type_ids');
  const positionRows = graph.lookUp('positions.rows', encoder.positions, hiddenSize, positions);
  const sum = graph.node('Add', 'embeddings.sum', [graph.node('Add', 'embeddings.words', [wordRows, typeRows]), positionRows]);
  let hidden = graph.layerNorm('embeddings', sum, first.floats('embeddings.norm.gain'), first.floats('embeddings.norm.bias'));

  const floatMask = graph.node('Cast', 'mask', ['attention_mask'], { to: FLOAT });
  const wideMask = graph.node('Unsqueeze', 'mask.wide', [floatMask, graph.integers('mask.axes', 1, 2)]);
  const lowest = graph.node('Mul', 'mask.lowest', [graph.node('Sub', 'mask.absent', [graph.number('mask.one', 1), wideMask]), graph.number('mask.minimum', -3.4028234663852886e38)]);
  // Segment k holds layer k - 1 whole. Of the last layer it holds what the first token takes: the same weights, which here take all tokens, as BERT's do.
  const layers = [...segments.slice(1).map((segment) => segment.wholeLayer()), last.firstTokensLayer()];
  let before = hidden;
  layers.forEach((layer, index) => ([before, hidden] = [hidden, addLayer(graph, `layer${index}`, layer, hidden, lowest, hiddenSize)]));

  // BERT's pooler reads the first token; the shipped encoder's reads the mean of the states in front of the layer as well.
  const firstState = graph.node('Gather', 'first', [hidden, graph.constant('first.place', BigInt64Array.of(0n), [])], { axis: 1 });
  const share = graph.node('Div', 'share', [floatMask, graph.node('ReduceSum', 'count', [floatMask, 'one'], { keepdims: 1 })]);
  const mean = graph.node('Squeeze', 'mean', [graph.node('MatMul', 'mean.row', [graph.node('Unsqueeze', 'share.row', [share, 'one']), before]), 'one']);
  const read = graph.node('Concat', 'pooler.read', [firstState, mean], { axis: 1 });
  const pooled = graph.node('Tanh', 'pooled', [graph.linear('pooler', graph.quantise(read), last.pooler())]);
  const labels = task.labels.length;
  // Of exit 0, whose opinion the exit expects besides, the part that is the same for all texts.
  const wide = heads.float32(`exit${depth}.wide`, [1]).values[0] ?? 0;
  const opinion = heads.float32('exit0.bias', [labels]).values;
  const bias = heads.float32(`exit${depth}.bias`, [labels]).values.map((own, label) => own + wide * (opinion[label] ?? 0));
  const head = quantiseColumns(transposed(heads.float32(`exit${depth}.weight`, [labels, hiddenSize]).values, hiddenSize), bias);
  graph.linear('logits', graph.quantise(pooled), head);

  const value = (name: string, elemType: number, ...dims: readonly (string | number)[]): object => ({
    name,
    type: { tensorType: { elemType, shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) } } },
  });
  return {
    irVersion: 8,
    producerName: 'glance-bench',
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: task.id,
      node: graph.nodes,
      initializer: graph.constants,
      input: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => value(name, INT64, 'batch', 'tokens')),
      output: [value('logits', FLOAT, 'batch', labels)],
      // Without it ONNX Runtime does not see that residuals have one shape, and fuses none of them with their normalisation.
      valueInfo: [value('embeddings.sum', FLOAT, 'batch', 'tokens', hiddenSize)],
    },
  };
}

/** The weights of a layer of BERT. */
interface Layer {
  /** Number of attention heads. */
  readonly heads: number;
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  readonly attention: Matrix;
  readonly attentionNorm: Norm;
  readonly intermediate: Matrix;
  readonly output: Matrix;
  readonly norm: Norm;
}

interface Norm {
  readonly gain: Float32Array;
  readonly bias: Float32Array;
}

/** A layer of BERT: self-attention and a feed-forward network, each with its residual. */
function addLayer(graph: Graph, name: string, layer: Layer, hidden: string, mask: string, hiddenSize: number): string {
  const { heads } = layer;
  const size = hiddenSize / heads;
  const input = graph.quantise(hidden);
  const [query = '', key = '', value = ''] = (['query', 'key', 'value'] as const).map((part) => {
    const flat = graph.linear(`${name}.${part}`, input, layer[part]);
    const split = graph.node('Reshape', `${name}.${part}.split`, [flat, graph.integers(`${name}.${part}.shape`, 0, 0, heads, size)]);
    return graph.node('Transpose', `${name}.${part}.heads`, [split], { perm: part === 'key' ? [0, 2, 3, 1] : [0, 2, 1, 3] });
  });
  const scores = graph.node('Div', `${name}.scores`, [graph.node('MatMul', `${name}.products`, [query, key]), graph.number(`${name}.root`, Math.sqrt(size))]);
  const weights = graph.node('Softmax', `${name}.weights`, [graph.node('Add', `${name}.masked`, [scores, mask])], { axis: -1 });
  const context = graph.node('Transpose', `${name}.context`, [graph.node('MatMul', `${name}.context.heads`, [weights, value])], { perm: [0, 2, 1, 3] });
  const joined = graph.node('Reshape', `${name}.joined`, [context, graph.integers(`${name}.joined.shape`, 0, 0, hiddenSize)]);
  const attention = graph.linear(`${name}.attention`, graph.quantise(joined), layer.attention);
  const attended = graph.layerNorm(`${name}.attended`, graph.node('Add', `${name}.attention.residual`, [attention, hidden]), layer.attentionNorm.gain, layer.attentionNorm.bias);
  const inner = graph.linear(`${name}.intermediate`, graph.quantise(attended), layer.intermediate);
  const erf = graph.node('Erf', `${name}.erf`, [graph.node('Div', `${name}.erf.input`, [inner, graph.number(`${name}.root2`, Math.SQRT2)])]);
  const doubled = graph.node('Mul', `${name}.gelu.doubled`, [inner, graph.node('Add', `${name}.erf.one`, [erf, graph.number(`${name}.one`, 1)])]);
  const gelu = graph.node('Mul', `${name}.gelu`, [doubled, graph.number(`${name}.half`, 0.5)]);
  const output = graph.linear(`${name}.output`, graph.quantise(gelu), layer.output);
  return graph.layerNorm(name, graph.node('Add', `${name}.residual`, [output, attended]), layer.norm.gain, layer.norm.bias);
}

/** A shipped segment, taken apart: a whole layer (but in the first segment), what the first token takes of the next, and a pooler. */
class Segment {
  constructor(
    private readonly file: string,
    private readonly content: GraphFile,
    private readonly hiddenSize: number,
  ) {}

  /** The layer that all tokens go through. */
  wholeLayer(): Layer {
    const attention = this.content.graph.node.filter(({ opType }) => opType === 'QAttention');
    const heads = attention[0]?.attribute.find(({ name }) => name === 'num_heads')?.i;
    if (attention.length !== 1 || heads === undefined) {
      throw new Error(`${this.file} is not a segment as training/glance_training/graph.py writes it; bench/peer-model.ts must learn its new form.`);
    }
    const [query, key, value] = this.columns('layer.attention', 3) as [Matrix, Matrix, Matrix];
    return { heads: Number(heads), query, key, value, ...this.feedForward('layer') };
  }

  /** The layer that the first token goes through, with keys and values as BERT has them: see training/glance_training/graph.py. */
  firstTokensLayer(): Layer {
    const { hiddenSize } = this;
    const [heads = 0, size = 0] = this.dimensions('first.key.weight');
    const query = this.matrix('first.query');
    // The shipped query is divided by this already.
    const root = Math.sqrt(size);
    const key = transposed(this.restored('first.key', size, hiddenSize), hiddenSize);
    const values = this.restored('first.value', hiddenSize, size);
    const value = Float32Array.from(values, (_, at) => {
      const [input, output] = [Math.floor(at / hiddenSize), at % hiddenSize];
      return values[(Math.floor(output / size) * hiddenSize + input) * size + (output % size)] ?? 0;
    });
    return {
      heads,
      query: { ...query, scales: query.scales.map((scale) => scale * root), bias: query.bias.map((bias) => bias * root) },
      // A bias of the key adds the same to all scores of a token.
      key: quantiseColumns(key, new Float32Array(hiddenSize)),
      value: quantiseColumns(value, this.floats('first.value.bias')),
      ...this.feedForward('first'),
    };
  }

  /** The pooler [2 x hidden size, hidden size], of the first token's state and of the mean. */
  pooler(): Matrix {
    const { hiddenSize } = this;
    const halves = new Float32Array(2 * hiddenSize * hiddenSize);
    ['pooler.first', 'pooler.mean'].forEach((name, half) => halves.set(this.restored(name, hiddenSize, hiddenSize), half * hiddenSize * hiddenSize));
    return quantiseColumns(halves, this.floats('pooler.first.bias'));
  }

  floats(name: string): Float32Array {
    return new Float32Array(this.constant(name).buffer);
  }

  private feedForward(name: string): Omit<Layer, 'heads' | 'query' | 'key' | 'value'> {
    return {
      attention: this.matrix(`${name}.attention_output`),
      attentionNorm: this.norm(`${name}.attention.norm`),
      intermediate: this.matrix(`${name}.intermediate`),
      output: this.matrix(`${name}.output`),
      norm: this.norm(`${name}.norm`),
    };
  }

  private norm(name: string): Norm {
    return { gain: this.floats(`${name}.gain`), bias: this.floats(`${name}.bias`) };
  }

  private matrix(name: string): Matrix {
    return { ...this.quantised(name), bias: this.floats(`${name}.bias`) };
  }

  /** A matrix whose columns are those of several, side by side. */
  private columns(name: string, parts: number): Matrix[] {
    const { values, scales, bias } = this.matrix(name);
    const width = scales.length / parts;
    return Array.from({ length: parts }, (_, part) => {
      const [from, to] = [part * width, (part + 1) * width];
      return { values: values.filter((_value, at) => at % scales.length >= from && at % scales.length < to), scales: scales.slice(from, to), bias: bias.slice(from, to) };
    });
  }

  /** Matrices [.., inputs, outputs] in floats; each has scales of its own. */
  private restored(name: string, inputs: number, outputs: number): Float32Array {
    const { values, scales } = this.quantised(name);
    return Float32Array.from(values, (value, at) => value * (scales[Math.floor(at / (inputs * outputs)) * outputs + (at % outputs)] ?? 0));
  }

  private quantised(name: string): Pick<Matrix, 'values' | 'scales'> {
    return { values: new Int8Array(this.constant(`${name}.weight`).buffer), scales: this.floats(`${name}.weight.scale`) };
  }

  private dimensions(name: string): number[] {
    return this.initializer(name).dims.map(Number);
  }

  /** A copy of a constant's bytes, aligned for any typed array. */
  private constant(name: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.initializer(name).rawData);
  }

  private initializer(name: string): GraphFile['graph']['initializer'][number] {
    const constant = this.content.graph.initializer.find((candidate) => candidate.name === name);
    if (!constant) {
      throw new Error(`${this.file} has no constant ${name}; bench/peer-model.ts must learn the segments' new form.`);
    }
    return constant;
  }
}

/** Quantises a matrix [inputs, outputs] with a scale per column. */
function quantiseColumns(matrix: Float32Array, bias: Float32Array): Matrix {
  const width = bias.length;
  const scales = new Float32Array(width);
  matrix.forEach((value, at) => (scales[at % width] = Math.max(scales[at % width] ?? 0, Math.abs(value) / WEIGHT_RANGE)));
  return { values: Int8Array.from(matrix, (value, at) => Math.round(value / (scales[at % width] || 1))), scales, bias };
}

function quantiseWhole(table: Float32Array): Table {
  const scale = table.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / WEIGHT_RANGE || 1;
  const values = new Int8Array(table.length);
  table.forEach((value, at) => (values[at] = Math.round(value / scale)));
  return { values, scale };
}

/** A matrix [rows, columns] with its columns as rows. */
function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return Float32Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value)}\n`);
}
