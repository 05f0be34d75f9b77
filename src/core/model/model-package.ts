import * as l10n from '@vscode/l10n';
import { ONE_LABEL, severalLabels, type Labelling } from '../exits/labelling';
import { CertaintyHead } from './certainty-head';
import { Embeddings } from './embeddings';
import { ModelPackageError } from './error';
import { ExitZero } from './exit-zero';
import { LinearHead } from './linear-head';
import { MANIFEST_FILE, parseManifest, type Manifest, type TaskManifest } from './manifest';
import { Safetensors } from './safetensors';
import { Tokenizer } from './tokenizer';

/**
 * Reads a file of a package by its name.
 * @param longest bytes that it may have: a longer one is not read.
 * @throws when it cannot be read, or is longer: with the code `ENOENT` when it is not there, else with a reason for people.
 */
export type PackageReader = (file: string, longest: number) => Promise<Uint8Array>;

/** The SHA-256 of some bytes, in hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => string | Promise<string>;

/** Bytes that a manifest may have: a hundred times what the one that ships takes. */
export const LONGEST_MANIFEST = 5_000_000;

/** The classifier of an exit of the encoder. */
export interface ExitHead {
  /**
   * Logits, one per label, of the row of `pooled` ([rows, hidden size]) with this index.
   * @param before what else is known of the text.
   */
  logits(pooled: Float32Array, row: number, before: TextSoFar): Float32Array;
}

/** What is known of a text when it comes to an exit. */
export interface TextSoFar {
  /** Token ids. */
  readonly ids: Int32Array;
  /** Logits of exit 0, one per label. */
  readonly exitZero: Float32Array;
  /** What the exits of the encoder before this one have read of it, [hidden size] each. */
  readonly pooled: readonly Float32Array[];
}

/** A task with its classifiers. */
export interface ModelTask {
  readonly manifest: Omit<TaskManifest, 'weights'>;
  readonly labelling: Labelling;
  readonly exitZero: Pick<ExitZero, 'logits'>;
  /** Heads of exit 1, 2, ... up to the task's last, in order. */
  readonly heads: readonly ExitHead[];
  /** Of every exit but the last, from exit 0. */
  readonly certaintyHeads: readonly CertaintyHead[];
}

/** A model package, checked and loaded. */
export interface ModelPackage {
  readonly manifest: Manifest;
  readonly tokenizer: Tokenizer;
  readonly embeddings: Embeddings;
  readonly tasks: ReadonlyMap<string, ModelTask>;
}

/** A model package with its encoder, for a backend to open. */
export interface LoadedPackage extends ModelPackage {
  /** The ONNX graphs, in order. */
  readonly segments: readonly { readonly file: string; readonly bytes: Uint8Array }[];
}

/**
 * Loads a model package: checks the manifest, the size and hash of every file, and the shape of every tensor.
 * @param sha256 by default that of the web, which hashes a copy of the bytes.
 * @throws {ModelPackageError} naming the file, and the field or tensor, at fault.
 */
export async function loadModelPackage(read: PackageReader, sha256: Sha256 = webSha256): Promise<LoadedPackage> {
  const manifest = parseManifest(new TextDecoder().decode(await readFile(read, MANIFEST_FILE, LONGEST_MANIFEST)));
  const { encoder } = manifest;
  const contents = new Map(Object.entries(manifest.files).map(([file, { bytes }]) => [file, readChecked(read, sha256, manifest, file, bytes)]));
  const content = async (file: string): Promise<Uint8Array> => (await contents.get(file)) ?? new Uint8Array();
  // What is there is parsed while the rest is read.
  const tokenizer = content(encoder.tokenizer).then((bytes) => new Tokenizer(encoder.tokenizer, new TextDecoder().decode(bytes), encoder.vocabularySize));
  const embeddings = content(encoder.embeddings).then((bytes) => new Embeddings(new Safetensors(encoder.embeddings, bytes), encoder.vocabularySize, encoder.maximumTokens, encoder.hiddenSize));
  const tasks = manifest.tasks.map(async (task): Promise<[string, ModelTask]> => [task.id, loadTask(manifest, task, new Safetensors(task.weights, await content(task.weights)))]);
  // Of several faults the first in this order is reported, not that of the file which happened to be read first.
  const parts = [...contents.values(), tokenizer, embeddings, ...tasks];
  await Promise.allSettled(parts);
  await Promise.all(parts);
  return {
    manifest,
    tokenizer: await tokenizer,
    embeddings: await embeddings,
    segments: await Promise.all(encoder.segments.map(async ({ file }) => ({ file, bytes: await content(file) }))),
    tasks: new Map(await Promise.all(tasks)),
  };
}

async function readChecked(read: PackageReader, sha256: Sha256, manifest: Manifest, file: string, longest: number): Promise<Uint8Array> {
  const bytes = await readFile(read, file, longest);
  await checkContent(sha256, manifest, file, bytes);
  return bytes;
}

function loadTask({ encoder }: Manifest, task: TaskManifest, weights: Safetensors): ModelTask {
  const labels = task.labels.length;
  const encoderExits = encoder.segments.slice(0, task.temperatures.length - 1);
  return {
    manifest: task,
    labelling: task.labelThresholds ? severalLabels(task.labelThresholds) : ONE_LABEL,
    exitZero: new ExitZero(weights, encoder.vocabularySize, labels),
    heads: encoderExits.map((_, index) => LinearHead.read(weights, index + 1, labels, encoder.hiddenSize)),
    certaintyHeads: encoderExits.map((_, exit) => CertaintyHead.read(weights, exit, labels)),
  };
}

async function readFile(read: PackageReader, file: string, longest: number): Promise<Uint8Array> {
  try {
    return await read(file, longest);
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    throw new ModelPackageError(file, missing ? l10n.t('is not there') : l10n.t('cannot be read ({0})', (error as Error).message));
  }
}

async function checkContent(sha256: Sha256, { files }: Manifest, file: string, bytes: Uint8Array): Promise<void> {
  const expected = files[file];
  if (bytes.byteLength !== expected?.bytes) {
    throw new ModelPackageError(file, l10n.t('is {0} bytes long instead of {1}; restore it, or install Glance anew', bytes.byteLength, expected?.bytes ?? 0));
  }
  const found = await sha256(bytes);
  if (found !== expected.sha256) {
    throw new ModelPackageError(file, l10n.t('was altered: its SHA-256 is {0} instead of {1}; restore it, or install Glance anew', found, expected.sha256));
  }
}

async function webSha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
