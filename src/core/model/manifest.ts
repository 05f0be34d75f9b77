import * as l10n from '@vscode/l10n';
import { ModelPackageError } from './error';
import * as z from '../schema';

/** The file that describes a model package. */
export const MANIFEST_FILE = 'model.json';

/** The format that this version reads. */
const FORMAT_VERSION = 4;

// Files lie beside the manifest: a name with a folder in it could point outside the package.
const fileName = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/u, 'must be a plain file name'));
const natural = z.int().check(z.positive());
const nats = z.number().check(z.nonnegative());
const share = z.number().check(z.minimum(0), z.maximum(1));
const probability = z.number().check(z.positive(), z.maximum(1));
const tokens = z.int().check(z.minimum(2));
const name = z.string().check(z.minLength(1));

/** What was measured on texts of projects that the package was neither trained nor calibrated on. */
const qualitySchema = z.object({
  /** By exit; each answered the same texts, so many. */
  exits: z.array(z.object({ rows: natural })).check(z.minLength(1)),
  /** By level of the promise: the share that differed, of what `promise.of` says. */
  promise: z.array(z.object({ maxDisagreement: probability, meanExit: nats, changed: nats })),
});

const taskSchema = z.object({
  id: name,
  /** In the order of the logits. */
  labels: z.array(name).check(z.minLength(2)),
  /** Whether several labels may hold (a sigmoid per label), or exactly one does (a softmax over them). */
  multiLabel: z.boolean(),
  /** The label of texts that are no finding. */
  silentLabel: z.optional(z.string()),
  /** Longest input of this task in tokens, `[CLS]` and `[SEP]` included. */
  maximumTokens: tokens,
  weights: fileName,
  /**
   * One per exit of the task, from exit 0: logits are divided by it before they become probabilities. A task may end before the
   * last segment, where deeper layers do not answer better.
   */
  temperatures: z.array(z.number().check(z.positive())),
  /** Where several labels may hold: the probability from which each does, at every exit. */
  labelThresholds: z.optional(z.array(share)),
  /** What the package recommends: the share of a promise, and the threshold of each policy, chosen on its calibration data. */
  defaults: z.object({
    maxDisagreement: share,
    certainty: probability,
    entropy: nats,
    'max-probability': probability,
    patience: natural,
    pcee: nats,
    'f-pabee': nats,
  }),
  /** Certainty thresholds that keep promises, chosen on calibration data to hold with this confidence. */
  promise: z.object({
    confidence: probability,
    /** What `maxDisagreement` is a share of: of findings where there is a silent label, else of all answers. */
    of: z.enum(['findings', 'answers']),
    /** From the smallest share on; only those that the calibration data supports, which may be none. */
    levels: z.array(z.object({ maxDisagreement: probability, certainty: probability })),
  }),
  // What was measured is there to be shown: a package is not refused for it.
  quality: z.catch(z.optional(qualitySchema), undefined),
});

const manifestSchema = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  name,
  version: name,
  files: z.record(fileName, z.object({ sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/u)), bytes: natural })),
  encoder: z.object({
    hiddenSize: natural,
    layers: natural,
    /** What the graphs reckon in: 8-bit integers, for processors, unless it says otherwise; 16-bit floats are for graphics cards. */
    precision: z.optional(z.enum(['int8', 'float16'])),
    /** Longest input in tokens, `[CLS]` and `[SEP]` included. */
    maximumTokens: tokens,
    vocabularySize: natural,
    tokenizer: fileName,
    embeddings: fileName,
    segments: z.array(z.object({ file: fileName, lastLayer: natural })).check(z.minLength(1)),
  }),
  tasks: z.array(taskSchema).check(z.minLength(1)),
});

/** What `model.json` says of a model package. Fields that only people read (training data, scores) are left out. */
export type Manifest = z.infer<typeof manifestSchema>;

/** What the graphs of a package reckon in. */
export type Precision = NonNullable<Manifest['encoder']['precision']>;

/** One task in the manifest. */
export type TaskManifest = Manifest['tasks'][number];

/**
 * Reads and checks a manifest: its schema, and that its parts agree with each other.
 * @throws {ModelPackageError} naming the first field at fault.
 */
export function parseManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ModelPackageError(MANIFEST_FILE, l10n.t('is not valid JSON ({0})', (error as Error).message));
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version !== FORMAT_VERSION) {
    const fault =
      version > FORMAT_VERSION
        ? l10n.t('has format version {0}, newer than version {1}, which this Glance reads; update Glance', version, FORMAT_VERSION)
        : l10n.t('has format version {0}, older than version {1}, which this Glance reads; get a package of that version', version, FORMAT_VERSION);
    throw new ModelPackageError(MANIFEST_FILE, fault);
  }
  const result = manifestSchema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw faultOf(issue?.path.join('.') || '(root)', issue?.message ?? 'is not as it should be');
  }
  checkReferences(result.data);
  return result.data;
}

function checkReferences({ files, encoder, tasks }: Manifest): void {
  const named: [field: string, file: string][] = [
    ['encoder.tokenizer', encoder.tokenizer],
    ['encoder.embeddings', encoder.embeddings],
    ...encoder.segments.map(({ file }, index): [string, string] => [`encoder.segments.${index}.file`, file]),
    ...tasks.map(({ weights }, index): [string, string] => [`tasks.${index}.weights`, weights]),
  ];
  for (const [name, file] of named) {
    if (!Object.hasOwn(files, file)) {
      throw faultOf(name, `${file} is not listed under files`);
    }
  }
  const layers = encoder.segments.map(({ lastLayer }) => lastLayer);
  if (layers.some((layer, index) => layer <= (layers[index - 1] ?? 0)) || layers.at(-1) !== encoder.layers) {
    throw faultOf('encoder.segments', `must go up in layers and end at layer ${encoder.layers}`);
  }
  tasks.forEach((task, index) => {
    if (tasks.findIndex(({ id }) => id === task.id) !== index) {
      throw faultOf(`tasks.${index}.id`, `${task.id} is there twice`);
    }
    checkTask(task, `tasks.${index}`, encoder);
  });
}

function checkTask(task: TaskManifest, at: string, encoder: Manifest['encoder']): void {
  const { labels, silentLabel, labelThresholds, promise } = task;
  if (new Set(labels).size !== labels.length) {
    throw faultOf(`${at}.labels`, 'a label is there twice');
  }
  if (silentLabel !== undefined && !labels.includes(silentLabel)) {
    throw faultOf(`${at}.silentLabel`, `${silentLabel} is not one of the labels`);
  }
  if (task.maximumTokens > encoder.maximumTokens) {
    throw faultOf(`${at}.maximumTokens`, `must not be above encoder.maximumTokens: ${encoder.maximumTokens}`);
  }
  const exits = encoder.segments.length + 1;
  if (task.temperatures.length < 2 || task.temperatures.length > exits) {
    throw faultOf(`${at}.temperatures`, `must have one number per exit of the task: 2 to ${exits}`);
  }
  if (task.multiLabel !== (labelThresholds !== undefined)) {
    throw faultOf(`${at}.labelThresholds`, 'must be there where multiLabel is true, and nowhere else');
  }
  if (labelThresholds && labelThresholds.length !== labels.length) {
    throw faultOf(`${at}.labelThresholds`, `must have one number per label: ${labels.length}`);
  }
  if ((promise.of === 'findings') !== (silentLabel !== undefined)) {
    throw faultOf(`${at}.promise.of`, 'must be findings where there is a silentLabel, and answers elsewhere');
  }
  if (promise.levels.some(({ maxDisagreement }, level) => maxDisagreement <= (promise.levels[level - 1]?.maxDisagreement ?? 0))) {
    throw faultOf(`${at}.promise.levels`, 'must go up in maxDisagreement');
  }
  if (promise.levels.some(({ certainty }, level) => certainty > (promise.levels[level - 1]?.certainty ?? 1))) {
    throw faultOf(`${at}.promise.levels`, 'must not go up in certainty: who allows more would wait longer');
  }
}

function faultOf(field: string, problem: string): ModelPackageError {
  return new ModelPackageError(MANIFEST_FILE, `field ${field}: ${problem}`);
}
