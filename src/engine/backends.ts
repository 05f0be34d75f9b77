import type { Backend } from '../core/backend';
import { NO_ENCODER, withoutEncoder } from '../core/exit-zero-alone';
import { ModelPackageError } from '../core/model/error';
import type { LoadedPackage, ModelPackage } from '../core/model/model-package';
import type { NotTaken } from './engine';

/** A backend to try. */
export interface BackendCandidate {
  readonly name: string;
  readonly open: (loaded: LoadedPackage) => Promise<Backend>;
}

/** A model package and what runs it. */
export interface RunningModel {
  /** Without its encoder when no candidate could run it. */
  readonly model: ModelPackage;
  readonly backend: Backend;
  /** The candidates before the one that runs, and why each does not. */
  readonly notTaken: readonly NotTaken[];
}

/**
 * Opens the first candidate that can run a model package. When none can, exit 0 answers alone: a rougher answer, marked as such,
 * beats none.
 * @param candidates the best first.
 * @throws {ModelPackageError} when all of them refuse the package itself.
 */
export async function openFirst(loaded: LoadedPackage, candidates: readonly BackendCandidate[]): Promise<RunningModel> {
  const { manifest, tokenizer, embeddings, tasks } = loaded;
  // Without the graphs: the backend has made its own of them, and they take as much memory again.
  const model: ModelPackage = { manifest, tokenizer, embeddings, tasks };
  const notTaken: NotTaken[] = [];
  const refusals: ModelPackageError[] = [];
  for (const { name, open } of candidates) {
    try {
      return { model, backend: await open(loaded), notTaken };
    } catch (error) {
      notTaken.push({ name, reason: reasonOf(error) });
      if (error instanceof ModelPackageError) {
        refusals.push(error);
      }
    }
  }
  if (refusals[0] && refusals.length === candidates.length) {
    throw refusals[0];
  }
  return { model: withoutEncoder(model), backend: NO_ENCODER, notTaken };
}

/** The first line of an error's message: the rest of those of module loaders is a list of files. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n', 1)[0] ?? '';
}
