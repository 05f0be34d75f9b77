import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ModelPackageError } from '../core/model/error';
import { loadModelPackage, type LoadedPackage } from '../core/model/model-package';
import { openFirst, type BackendCandidate } from './backends';
import type { EngineFiles, EngineOptions } from './engine';
import { EngineCache } from './engine-cache';
import { absenceHere, chooseGpu, hasNativeRuntime, isDegraded, probeKey, type GpuChoice, type GpuProvider, type ProbeResult } from './execution-provider';
import { InProcessEngine, type OpenModel } from './in-process-engine';
import { NativeBackend } from './native-backend';
import { packageFolder } from './package-folder';
import { probeProvider } from './probe';
import { recallProbe } from './probe-memory';
import { WasmBackend } from './wasm-backend';

/** An engine in this process of Node.js, whose files lie on a disk. */
export class LocalEngine extends InProcessEngine {
  constructor(files: EngineFiles, options: EngineOptions = {}) {
    super({
      readGrammar: (file) => readFile(path.join(files.grammars, file)),
      clocks: [() => performance.now(), processorTime],
      openModel: () => openModel(files.model, options),
      cache: options.cache === undefined ? undefined : new EngineCache(options.cache),
    });
  }
}

async function openModel(folder: string, options: EngineOptions): Promise<OpenModel> {
  try {
    const loaded = await loadModelPackage(packageFolder(folder), sha256);
    const gpu = await chooseGpuFor(loaded, folder, options);
    const running = await openFirst(loaded, candidates(options, gpu));
    const degraded = isDegraded(options.executionProvider ?? 'auto', running.backend.name, hasNativeRuntime(), loaded.manifest.encoder.precision);
    return { ...running, loaded, notTaken: [...gpu.notTaken, ...running.notTaken], degraded };
  } catch (error) {
    throw error instanceof ModelPackageError ? new ModelPackageError(error.file, error.fault, folder) : error;
  }
}

async function chooseGpuFor({ manifest }: LoadedPackage, folder: string, { avoided, executionProvider = 'auto', memory }: EngineOptions): Promise<GpuChoice> {
  if (avoided) {
    return chooseGpu(executionProvider, absenceHere, () => Promise.resolve({ kind: 'failed', reason: avoided.reason }), manifest.encoder.precision);
  }
  const processor = os.cpus()[0]?.model ?? 'unknown processor';
  const probe = (provider: GpuProvider): Promise<ProbeResult> => recallProbe(memory, probeKey(provider, processor, manifest), () => probeProvider(provider, folder));
  return chooseGpu(executionProvider, absenceHere, probe, manifest.encoder.precision);
}

/** The best first. */
function candidates({ avoided }: EngineOptions, { provider }: GpuChoice): BackendCandidate[] {
  return [
    ...(provider ? [{ name: provider, open: (model: LoadedPackage) => NativeBackend.open(model, provider) }] : []),
    ...(hasNativeRuntime() ? [{ name: 'native', open: (model: LoadedPackage) => (avoided?.what === 'native' ? Promise.reject(new Error(avoided.reason)) : NativeBackend.open(model)) }] : []),
    { name: 'wasm', open: (model) => WasmBackend.open(model) },
  ];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What this process, with all of its threads, has had of the processors, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
