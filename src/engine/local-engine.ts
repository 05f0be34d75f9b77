import * as l10n from '@vscode/l10n';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Classifier } from '../core/classifier';
import { NO_ENCODER } from '../core/exit-zero-alone';
import type { Decision } from '../core/exits/decision';
import { resolvePolicy } from '../core/exits/policy-choice';
import { ModelPackageError } from '../core/model/error';
import { loadModelPackage, type LoadedPackage, type ModelPackage, type ModelTask } from '../core/model/model-package';
import { CommentSource, type CommentsFound } from '../core/sources/comments/comments';
import { languageById } from '../core/sources/comments/languages';
import type { TaughtTask } from '../core/teach/taught-task';
import { openFirst, type BackendCandidate, type RunningModel } from './backends';
import { missingTask, type ClassifyRequest, type CommentsRequest, type Engine, type EngineFiles, type EngineOptions, type ModelDescription, type OnProgress, type TaskDescription, type TaughtDescription } from './engine';
import { EngineCache } from './engine-cache';
import { absenceHere, chooseGpu, hasNativeRuntime, isDegraded, probeKey, type GpuChoice } from './execution-provider';
import { NativeBackend } from './native-backend';
import { packageFolder } from './package-folder';
import { probeProvider } from './probe';
import { recallProbe } from './probe-memory';
import { TaughtTasks } from './taught-tasks';
import { WasmBackend } from './wasm-backend';

interface LoadedModel extends RunningModel {
  readonly classifier: Classifier;
  readonly taught: TaughtTasks;
}

/** What this process, with all of its threads, has had of the processors, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** An engine in this process. It loads the model when the first request needs it, and grammars one by one. */
export class LocalEngine implements Engine {
  private readonly comments: CommentSource;
  private readonly cache: EngineCache | undefined;
  private loading: Promise<LoadedModel> | undefined;

  constructor(
    private readonly files: EngineFiles,
    private readonly options: EngineOptions = {},
  ) {
    this.comments = new CommentSource((file) => readFile(path.join(files.grammars, file)), [() => performance.now(), processorTime]);
    this.cache = options.cache === undefined ? undefined : new EngineCache(options.cache);
  }

  async describe(signal?: AbortSignal): Promise<ModelDescription> {
    signal?.throwIfAborted();
    const { model, backend, notTaken } = await this.load();
    const { name, version } = model.manifest;
    const tasks = [...model.tasks.values()].map(describeTask);
    return { name, version, backend: backend.name, notTaken, degraded: isDegraded(this.options.executionProvider ?? 'auto', backend.name, hasNativeRuntime()), tasks };
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
    const known = this.cache?.comments.get(source, id);
    if (known) {
      return known;
    }
    const found = await this.comments.find(source, language);
    this.cache?.comments.set(source, id, found);
    return found;
  }

  async dispose(): Promise<void> {
    this.cache?.flush();
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
      const gpu = await this.chooseGpu(model);
      const running = await openFirst(model, candidates(this.options, gpu));
      const classifier = new Classifier(running.model, running.backend, this.cache?.answers(running.model, running.backend.name));
      const segments = running.backend === NO_ENCODER ? 0 : model.segments.length;
      return { ...running, notTaken: [...gpu.notTaken, ...running.notTaken], classifier, taught: new TaughtTasks(running.model, classifier, segments) };
    } catch (error) {
      throw error instanceof ModelPackageError ? new ModelPackageError(error.file, error.fault, folder) : error;
    }
  }

  private async chooseGpu({ manifest }: ModelPackage): Promise<GpuChoice> {
    const { withoutNative, executionProvider = 'auto', memory } = this.options;
    if (withoutNative !== undefined) {
      return { notTaken: [] };
    }
    const processor = os.cpus()[0]?.model ?? 'unknown processor';
    return chooseGpu(executionProvider, absenceHere, (provider) =>
      recallProbe(memory, probeKey(provider, processor, manifest), () => probeProvider(provider, this.files.model)),
    );
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

/** The best first. */
function candidates({ withoutNative }: EngineOptions, { provider }: GpuChoice): BackendCandidate[] {
  return [
    ...(provider ? [{ name: provider, open: (model: LoadedPackage) => NativeBackend.open(model, provider) }] : []),
    ...(hasNativeRuntime() ? [{ name: 'native', open: (model: LoadedPackage) => (withoutNative === undefined ? NativeBackend.open(model) : Promise.reject(new Error(withoutNative))) }] : []),
    { name: 'wasm', open: (model) => WasmBackend.open(model) },
  ];
}
