import type { Priority } from '../core/classifier';
import type { Decision } from '../core/exits/decision';
import type { PolicyChoice } from '../core/exits/policy-choice';
import type { TaskManifest } from '../core/model/manifest';
import type { CommentsFound } from '../core/sources/comments/comments';

/** What a caller may want to know of a task of the model: its labels, and what it promises. */
export type TaskDescription = Pick<TaskManifest, 'id' | 'labels' | 'multiLabel' | 'defaults' | 'promise'>;

/** What a caller may want to know of the model that answers. */
export interface ModelDescription {
  readonly name: string;
  readonly version: string;
  /** Name of the backend that runs the encoder, such as `native`. */
  readonly backend: string;
  readonly tasks: readonly TaskDescription[];
}

/**
 * What to tell the user of a task that a model package does not have.
 * @param known identifiers of the tasks that it has.
 */
export function missingTask(id: string, packageName: string, known: Iterable<string>): RangeError {
  return new RangeError(`The model package ${packageName} has no task "${id}"; it has ${[...known].join(', ')}.`);
}

/** Texts to classify. */
export interface ClassifyRequest {
  readonly task: string;
  /** As the task's `prepare` gives them. */
  readonly texts: readonly string[];
  readonly policy: PolicyChoice;
  /** Whether somebody waits for the answers, the default, or they are part of a scan. */
  readonly priority?: Priority | undefined;
}

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
  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound>;
  dispose(): Promise<void>;
}

/** Where an engine finds its files: absolute paths of folders. */
export interface EngineFiles {
  /** A model package. */
  readonly model: string;
  /** The tree-sitter grammars. */
  readonly grammars: string;
}
