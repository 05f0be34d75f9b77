import * as z from 'zod';
import { ModelPackageError } from './error';

/** The file that describes a model package. */
export const MANIFEST_FILE = 'model.json';

/** The format that this version reads. */
export const FORMAT_VERSION = 1;

// Files lie beside the manifest: a name with a folder in it could point outside the package.
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/u, 'must be a plain file name');
const natural = z.number().int().positive();

const taskSchema = z.object({
  id: z.string().min(1),
  /** In the order of the logits. */
  labels: z.array(z.string().min(1)).min(2),
  weights: fileName,
  /** One per exit, from exit 0: logits are divided by it before the softmax. */
  temperatures: z.array(z.number().positive()),
  /** Thresholds recommended by the package, chosen on its calibration data. */
  defaults: z.object({ entropy: z.number().nonnegative(), patience: natural }),
});

const manifestSchema = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  name: z.string().min(1),
  version: z.string().min(1),
  files: z.record(fileName, z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/u), bytes: natural })),
  encoder: z.object({
    hiddenSize: natural,
    layers: natural,
    /** Longest input in tokens, `[CLS]` and `[SEP]` included. */
    maximumTokens: z.number().int().min(2),
    vocabularySize: natural,
    tokenizer: fileName,
    embeddings: fileName,
    segments: z.array(z.object({ file: fileName, lastLayer: natural })).min(1),
  }),
  tasks: z.array(taskSchema).min(1),
});

/** What `model.json` says of a model package. Fields that only people read (quality, training data) are left out. */
export type Manifest = z.infer<typeof manifestSchema>;

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
    throw new ModelPackageError(MANIFEST_FILE, `is not valid JSON (${(error as Error).message})`);
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > FORMAT_VERSION) {
    throw new ModelPackageError(MANIFEST_FILE, `has format version ${version}, newer than version ${FORMAT_VERSION}, which this Glance reads; update Glance`);
  }
  const result = manifestSchema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ModelPackageError(MANIFEST_FILE, `field ${issue?.path.join('.') || '(root)'}: ${issue?.message ?? 'is not as it should be'}`);
  }
  checkReferences(result.data);
  return result.data;
}

function checkReferences({ files, encoder, tasks }: Manifest): void {
  const field = (name: string, problem: string): ModelPackageError => new ModelPackageError(MANIFEST_FILE, `field ${name}: ${problem}`);
  const named: [field: string, file: string][] = [
    ['encoder.tokenizer', encoder.tokenizer],
    ['encoder.embeddings', encoder.embeddings],
    ...encoder.segments.map(({ file }, index): [string, string] => [`encoder.segments.${index}.file`, file]),
    ...tasks.map(({ weights }, index): [string, string] => [`tasks.${index}.weights`, weights]),
  ];
  for (const [name, file] of named) {
    if (!files[file]) {
      throw field(name, `${file} is not listed under files`);
    }
  }
  const layers = encoder.segments.map(({ lastLayer }) => lastLayer);
  if (layers.some((layer, index) => layer <= (layers[index - 1] ?? 0)) || layers.at(-1) !== encoder.layers) {
    throw field('encoder.segments', `must go up in layers and end at layer ${encoder.layers}`);
  }
  tasks.forEach((task, index) => {
    if (tasks.findIndex(({ id }) => id === task.id) !== index) {
      throw field(`tasks.${index}.id`, `${task.id} is there twice`);
    }
    if (new Set(task.labels).size !== task.labels.length) {
      throw field(`tasks.${index}.labels`, 'a label is there twice');
    }
    const exits = encoder.segments.length + 1;
    if (task.temperatures.length !== exits) {
      throw field(`tasks.${index}.temperatures`, `must have one number per exit: ${exits}`);
    }
  });
}
