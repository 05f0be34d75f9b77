import type { Decision } from '../core/exits/decision';
import type { PolicyChoice } from '../core/exits/policy-choice';
import type { CommentsFound } from '../core/sources/comments/comments';

/** What a caller may want to know of the model that answers. */
export interface ModelDescription {
  readonly name: string;
  readonly version: string;
  /** Name of the backend that runs the encoder, such as `native`. */
  readonly backend: string;
  readonly tasks: readonly { readonly id: string; readonly labels: readonly string[] }[];
}

/** Texts to classify. */
export interface ClassifyRequest {
  readonly task: string;
  /** Comments come stripped of their markers. */
  readonly texts: readonly string[];
  readonly policy: PolicyChoice;
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
