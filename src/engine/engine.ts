import * as l10n from '@vscode/l10n';
import type { Priority } from '../core/encoder-queue';
import type { Decision } from '../core/exits/decision';
import type { PolicyChoice } from '../core/exits/policy-choice';
import { keepPromise, type KeptPromise } from '../core/exits/promise';
import type { Precision, TaskManifest } from '../core/model/manifest';
import type { Estimate } from '../core/teach/estimate';
import type { TaughtTask } from '../core/teach/taught-task';
import type { CommentsFound } from '../core/sources/comments/comments';

/** What a caller may want to know of a task of the model: its labels, and what it promises. */
export interface TaskDescription extends Pick<TaskManifest, 'id' | 'labels' | 'multiLabel' | 'defaults' | 'promise' | 'quality'> {
  /** The last exit that a text can reach here: 0 without an encoder. */
  readonly lastExit: number;
}

/** A backend that would have been better, and why it was not taken, to be read after a colon. */
export interface NotTaken {
  readonly name: string;
  readonly reason: string;
}

/** What runs the encoder. */
export interface BackendDescription {
  /** Name of the backend, such as `native`. */
  readonly backend: string;
  /** The better ones, the best first. */
  readonly notTaken: readonly NotTaken[];
  /** Whether answers are slower or rougher than this installation was meant to give, so that their reader should know. */
  readonly degraded: boolean;
  /** What the model package's graphs reckon in, where it says so. */
  readonly precision?: Precision;
}

/** What a caller may want to know of the model that answers. */
export interface ModelDescription extends BackendDescription {
  readonly name: string;
  readonly version: string;
  readonly tasks: readonly TaskDescription[];
}

/** What becomes of a promise where the model runs. */
export function promiseHere(maxDisagreement: number | undefined, task: TaskDescription): KeptPromise {
  return task.lastExit === 0 ? { kind: 'no-encoder' } : keepPromise(maxDisagreement, task);
}

/** How a backend that is not the one meant changes the answers, and why it runs, for people. */
export function describeDegradation(description: BackendDescription): string {
  const { backend, notTaken, precision } = description;
  if (precision === 'float16' && (backend === 'native' || backend === 'wasm')) {
    const made = l10n.t('The model package was made for graphics cards: on the processor, the one that ships with Glance is faster.');
    return notTaken.length === 0 ? made : `${made} ${describeBackend(description)}`;
  }
  return describeBackend(description);
}

function describeBackend({ backend, notTaken }: BackendDescription): string {
  const [best = '', ...others] = notTaken.map(({ name, reason }) => `${name} (${reason.replace(/\.$/u, '')})`);
  const better = others.reduce((before, next) => l10n.t('{0} and {1}', before, next), best);
  switch (backend) {
    case 'native':
      return l10n.t('The processor runs the encoder, for want of {0}.', better);
    case 'wasm':
      return l10n.t('The encoder runs in WebAssembly, several times slower, for want of {0}.', better);
    case 'exit-0':
      return l10n.t('Exit 0 answers alone, less reliably than the whole model, for want of {0}.', better);
    default:
      return l10n.t('The {0} engine runs the encoder, for want of {1}.', backend, better);
  }
}

/**
 * What to tell the user of a task that a model package does not have.
 * @param known identifiers of the tasks that it has.
 */
export function missingTask(id: string, packageName: string, known: Iterable<string>): RangeError {
  return new RangeError(l10n.t('The model package {0} has no task "{1}"; it has {2}.', packageName, id, [...known].join(', ')));
}

/** Texts to classify. */
export interface ClassifyRequest {
  /** Identifier of one of the model's tasks, or a taught task with its examples: an engine that was started anew knows of none. */
  readonly task: string | TaughtTask;
  /** As the task's `prepare` gives them. */
  readonly texts: readonly string[];
  readonly policy: PolicyChoice;
  /** Whether somebody waits for the answers, the default, or they are part of a scan. */
  readonly priority?: Priority | undefined;
  /** Whether to reckon anew what the cache knows: then the times of the answers are those of the encoder. */
  readonly fresh?: boolean | undefined;
}

/** A taught task as it is trained on the engine's model. */
export interface TaughtDescription {
  readonly task: TaskDescription;
  readonly estimate: Estimate;
}

/** Hears which share of the work is done, from 0 to 1. */
export type OnProgress = (share: number) => void;

/** Source code to cut comments out of. */
export interface CommentsRequest {
  readonly source: string;
  /** Identifier of a language in `LANGUAGES`. */
  readonly language: string;
}

/**
 * The model and the grammars behind one interface, whether they run in this process or in a child.
 *
 * Every method rejects with the signal's reason when it is aborted, with a `ModelPackageError` when the model cannot be used,
 * and with a `RangeError`, whose message is meant for the user, when the request asks for something that is not there.
 */
export interface Engine {
  describe(signal?: AbortSignal): Promise<ModelDescription>;
  /** One decision per text, in order. */
  classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]>;
  /** Trains a taught task and estimates how good it is. Texts that somebody waits for overtake its examples. */
  teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription>;
  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound>;
  dispose(): Promise<void>;
}

/** Where the encoder is to run, as settings and the command line spell it, the default first. */
export const EXECUTION_PROVIDERS = ['auto', 'cpu', 'dml', 'cuda'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** What engines that crashed are started without: graphics cards, or ONNX Runtime's native library, which graphics cards need, too. */
export interface Avoided {
  readonly what: 'gpu' | 'native';
  readonly reason: string;
}

/** How an engine is to run. */
export interface EngineOptions {
  /** Where the encoder is to run; `auto` by default. */
  readonly executionProvider?: ExecutionProvider | undefined;
  /** Folder to remember in which providers do not work here; without one, each start tries them anew. */
  readonly memory?: string | undefined;
  /** Folder to keep answers and the places of comments in; without one, nothing outlives the engine. */
  readonly cache?: string | undefined;
  /** What must not run, if anything. */
  readonly avoided?: Avoided | undefined;
}

/** Where an engine finds its files: absolute paths of folders. */
export interface EngineFiles {
  /** A model package. */
  readonly model: string;
  /** The tree-sitter grammars. */
  readonly grammars: string;
}
