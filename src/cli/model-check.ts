import { createHash } from 'node:crypto';
import { isSameAnswer } from '../core/exits/decision';
import { shareInPercent } from '../core/exits/promise';
import { ModelPackageError } from '../core/model/error';
import { MANIFEST_FILE, parseManifest, type Manifest } from '../core/model/manifest';
import { LONGEST_MANIFEST, type PackageReader } from '../core/model/model-package';
import { describeDegradation, type Engine, type TaskDescription } from '../engine/engine';
import { sampleTexts } from './sample-texts';

/** How far probabilities may be from adding up to 1: they are 64-bit numbers. */
const ROUNDING = 1e-6;

/** How far a confidence may be from that alone, where the graphs reckon in floats: ONNX Runtime has other kernels for a single row. */
const FLOAT_ROUNDING = 0.01;

/** A line of the report: what is right, what is wrong, or what is to be known. */
export interface Remark {
  readonly kind: 'right' | 'wrong' | 'note';
  readonly text: string;
}

/**
 * Checks a model package: each of its files, whether an engine can open it, and what it answers to a few texts.
 * @param engine that is to open it.
 */
export async function* checkModel(read: PackageReader, engine: Engine): AsyncGenerator<Remark> {
  const faulty = new Set<string>();
  for await (const { file, fault, bytes } of checkFiles(read)) {
    if (fault === undefined) {
      yield { kind: 'right', text: `${file}, ${bytes} bytes` };
    } else {
      faulty.add(file);
      yield { kind: 'wrong', text: `${file} ${fault}` };
    }
  }
  try {
    const model = await engine.describe();
    yield { kind: 'note', text: `${model.name} ${model.version} opens; engine: ${model.backend}` };
    if (model.degraded) {
      yield { kind: 'note', text: describeDegradation(model) };
    }
    for (const task of model.tasks) {
      yield { kind: 'note', text: describeTask(task) };
      yield await tryTask(task, engine, model.precision === 'float16' ? FLOAT_ROUNDING : 0);
    }
  } catch (error) {
    if (!(error instanceof ModelPackageError)) {
      throw error;
    }
    if (!faulty.has(error.file)) {
      yield { kind: 'wrong', text: `${error.file} ${error.fault}` };
    }
  }
}

interface CheckedFile {
  readonly file: string;
  readonly bytes?: number;
  /** What is wrong with it, to be read after its name. */
  readonly fault?: string;
}

/** The engine stops at the first fault; whoever makes a package wants to hear of all. */
async function* checkFiles(read: PackageReader): AsyncGenerator<CheckedFile> {
  let manifest: Manifest;
  try {
    const bytes = await read(MANIFEST_FILE, LONGEST_MANIFEST);
    manifest = parseManifest(new TextDecoder().decode(bytes));
    yield { file: MANIFEST_FILE, bytes: bytes.byteLength };
  } catch (error) {
    yield { file: MANIFEST_FILE, fault: error instanceof ModelPackageError ? error.fault : unreadable(error) };
    return;
  }
  for (const [file, { bytes, sha256 }] of Object.entries(manifest.files)) {
    try {
      const content = await read(file, bytes);
      const digest = createHash('sha256').update(content).digest('hex');
      if (content.byteLength !== bytes) {
        yield { file, fault: `is ${content.byteLength} bytes long; ${MANIFEST_FILE} says ${bytes}` };
      } else {
        yield digest === sha256 ? { file, bytes } : { file, fault: `has the SHA-256 ${digest}; ${MANIFEST_FILE} says ${sha256}` };
      }
    } catch (error) {
      yield { file, fault: unreadable(error) };
    }
  }
}

function unreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'is not there' : `cannot be read (${message})`;
}

function describeTask({ id, labels, multiLabel, lastExit, promise, defaults }: TaskDescription): string {
  const levels = promise.levels.map(({ maxDisagreement }) => shareInPercent(maxDisagreement));
  const promised =
    levels.length === 0
      ? 'promises nothing below full depth'
      : `promises ${levels.join(', ')} of ${promise.of} with ${shareInPercent(promise.confidence)} confidence, by default ${shareInPercent(defaults.maxDisagreement)}`;
  return `task ${id}: ${labels.length} labels (${labels.join(', ')})${multiLabel ? ', several of which may hold' : ''}; exits 0 to ${lastExit}; ${promised}`;
}

/**
 * Whether the answers to a few texts are probabilities, and the same alone and in company.
 * @param tolerance how far the confidence may be from that alone.
 */
async function tryTask({ id, multiLabel }: TaskDescription, engine: Engine, tolerance: number): Promise<Remark> {
  const texts = sampleTexts(id);
  if (texts.length === 0) {
    return { kind: 'note', text: `task ${id}: not tried, since this Glance does not know it` };
  }
  const classify = (some: readonly string[]): ReturnType<Engine['classify']> => engine.classify({ task: id, texts: some, policy: { kind: 'full' }, fresh: true });
  const together = await classify(texts);
  for (const [index, { trace }] of together.entries()) {
    const [alone] = await classify(texts.slice(index, index + 1));
    for (const [at, answer] of trace.entries()) {
      const sum = answer.probabilities.reduce((a, b) => a + b, 0);
      if (!answer.probabilities.every((probability) => probability >= 0 && probability <= 1) || (!multiLabel && Math.abs(sum - 1) > ROUNDING)) {
        return { kind: 'wrong', text: `task ${id}: exit ${answer.exit} gives no probabilities (${answer.probabilities.join(', ')})` };
      }
      const other = alone?.trace[at];
      if (!other || !isSameAnswer(answer, other) || Math.abs(answer.confidence - other.confidence) > tolerance) {
        return { kind: 'wrong', text: `task ${id}: exit ${answer.exit} answers differently alone (${other?.label} ${other?.confidence}) and with other texts (${answer.label} ${answer.confidence})` };
      }
    }
  }
  return { kind: 'right', text: `task ${id}: ${texts.length} texts have the same answers, exit by exit, alone and together` };
}
