import * as l10n from '@vscode/l10n';
import { Classifier } from '../core/classifier';
import { NO_ENCODER } from '../core/exit-zero-alone';
import type { Decision } from '../core/exits/decision';
import { resolvePolicy } from '../core/exits/policy-choice';
import type { LoadedPackage, ModelPackage, ModelTask } from '../core/model/model-package';
import { CommentSource, type CommentsFound } from '../core/sources/comments/comments';
import type { Clock, GrammarReader } from '../core/sources/comments/grammars';
import { languageById } from '../core/sources/comments/languages';
import type { TaughtTask } from '../core/teach/taught-task';
import type { RunningModel } from './backends';
import { missingTask, type ClassifyRequest, type CommentsRequest, type Engine, type ModelDescription, type OnProgress, type TaskDescription, type TaughtDescription } from './engine';
import type { EngineCache } from './engine-cache';
import { TaughtTasks } from './taught-tasks';

/** A model package that is open, and what is to be known of it. */
export interface OpenModel extends RunningModel {
  readonly loaded: Pick<LoadedPackage, 'segments'>;
  /** See `BackendDescription`. */
  readonly degraded: boolean;
}

/** What an engine needs of where it runs. */
export interface EngineHost {
  readonly readGrammar: GrammarReader;
  /** What a parse that takes too long is measured by; without any, the time of day. */
  readonly clocks?: readonly Clock[];
  /** Loads the model package and opens what runs it. */
  readonly openModel: (this: void) => Promise<OpenModel>;
  readonly cache?: EngineCache | undefined;
}

interface LoadedModel extends Omit<OpenModel, 'loaded'> {
  readonly classifier: Classifier;
  readonly taught: TaughtTasks;
}

/** An engine in this process. It loads the model when the first request needs it, and grammars one by one. */
export class InProcessEngine implements Engine {
  private readonly comments: CommentSource;
  private loading: Promise<LoadedModel> | undefined;

  constructor(private readonly host: EngineHost) {
    this.comments = new CommentSource(host.readGrammar, host.clocks);
  }

  async describe(signal?: AbortSignal): Promise<ModelDescription> {
    signal?.throwIfAborted();
    const { model, backend, notTaken, degraded } = await this.load();
    const { name, version, encoder } = model.manifest;
    const tasks = [...model.tasks.values()].map(describeTask);
    return { name, version, backend: backend.name, notTaken, degraded, ...(encoder.precision && { precision: encoder.precision }), tasks };
  }

  async classify({ task, texts, policy, priority = 'interactive', fresh = false }: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    signal?.throwIfAborted();
    const { model, classifier, taught } = await this.load();
    const known = typeof task === 'string' ? knownTask(model, task) : (await taught.get(task, priority, signal)).task;
    return classifier.classify({ texts, task: known, policy: resolvePolicy(policy, known.manifest), priority, fresh }, signal);
  }

  async teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    signal?.throwIfAborted();
    const { taught } = await this.load();
    const trained = await taught.get(task, 'scan', signal, onProgress);
    return { task: describeTask(trained.task), estimate: trained.estimate };
  }

  async findComments({ source, language: id }: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    signal?.throwIfAborted();
    const language = languageById(id);
    if (!language) {
      throw new RangeError(l10n.t('Glance does not know how comments are written in the language "{0}".', id));
    }
    const { cache } = this.host;
    const known = cache?.comments.get(source, id);
    if (known) {
      return known;
    }
    const found = await this.comments.find(source, language);
    cache?.comments.set(source, id, found);
    return found;
  }

  async dispose(): Promise<void> {
    this.host.cache?.flush();
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
    const { loaded, ...running } = await this.host.openModel();
    const { model, backend } = running;
    const classifier = new Classifier(model, backend, this.host.cache?.answers(model, backend.name));
    const segments = backend === NO_ENCODER ? 0 : loaded.segments.length;
    return { ...running, classifier, taught: new TaughtTasks(model, classifier, segments) };
  }
}

/** @throws {RangeError} with a message for the user when a model has no such task. */
function knownTask({ manifest, tasks }: ModelPackage, id: string): ModelTask {
  const task = tasks.get(id);
  if (!task) {
    throw missingTask(id, manifest.name, tasks.keys());
  }
  return task;
}

function describeTask({ manifest: { id, labels, multiLabel, defaults, promise, quality }, heads }: ModelTask): TaskDescription {
  return { id, labels, multiLabel, defaults, promise, quality, lastExit: heads.length };
}
