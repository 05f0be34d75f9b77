import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Backend } from '../core/backend';
import { classify } from '../core/classify';
import type { Decision } from '../core/exits/decision';
import { resolvePolicy } from '../core/exits/policy-choice';
import { ModelPackageError } from '../core/model/error';
import { loadModelPackage, type ModelPackage } from '../core/model/model-package';
import { CommentSource, type CommentsFound } from '../core/sources/comments/comments';
import { languageById } from '../core/sources/comments/languages';
import { missingTask, type ClassifyRequest, type CommentsRequest, type Engine, type EngineFiles, type ModelDescription } from './engine';
import { NativeBackend } from './native-backend';
import { packageFolder } from './package-folder';

interface LoadedModel {
  readonly model: ModelPackage;
  readonly backend: Backend;
}

/** An engine in this process. It loads the model when the first request needs it, and grammars one by one. */
export class LocalEngine implements Engine {
  private readonly comments: CommentSource;
  private loading: Promise<LoadedModel> | undefined;

  constructor(private readonly files: EngineFiles) {
    this.comments = new CommentSource((file) => readFile(path.join(files.grammars, file)));
  }

  async describe(signal?: AbortSignal): Promise<ModelDescription> {
    signal?.throwIfAborted();
    const { model, backend } = await this.load();
    const { name, version, tasks } = model.manifest;
    return { name, version, backend: backend.name, tasks: tasks.map(({ id, labels, multiLabel, defaults, promise }) => ({ id, labels, multiLabel, defaults, promise })) };
  }

  async classify({ task, texts, policy }: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    signal?.throwIfAborted();
    const { model, backend } = await this.load();
    const known = model.tasks.get(task);
    if (!known) {
      throw missingTask(task, model.manifest.name, model.tasks.keys());
    }
    return classify(texts, known, resolvePolicy(policy, known.manifest), model, backend, signal);
  }

  async findComments({ source, language: id }: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    signal?.throwIfAborted();
    const language = languageById(id);
    if (!language) {
      throw new RangeError(`Glance does not know how comments are written in the language "${id}".`);
    }
    return this.comments.find(source, language);
  }

  async dispose(): Promise<void> {
    const loaded = await this.loading?.catch(() => undefined);
    this.loading = undefined;
    await loaded?.backend.dispose();
  }

  private load(): Promise<LoadedModel> {
    if (!this.loading) {
      this.loading = this.open();
      // A package that was mended can be loaded by the next request.
      this.loading.catch(() => (this.loading = undefined));
    }
    return this.loading;
  }

  private async open(): Promise<LoadedModel> {
    const { model: folder } = this.files;
    try {
      const model = await loadModelPackage(packageFolder(folder));
      return { model, backend: await NativeBackend.open(model) };
    } catch (error) {
      throw error instanceof ModelPackageError ? new ModelPackageError(error.file, error.fault, folder) : error;
    }
  }
}
