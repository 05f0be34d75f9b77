import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Precision } from '../core/model/manifest';
import type { ExecutionProvider, NotTaken } from './engine';

/** ONNX Runtime's execution providers for graphics cards. */
export type GpuProvider = Exclude<ExecutionProvider, 'auto' | 'cpu'>;

const GPU_PROVIDERS = ['cuda', 'dml'] as const satisfies readonly GpuProvider[];

/** What a probe of a provider found. */
export type ProbeResult =
  | {
      readonly kind: 'ran';
      /** For a batch, on the provider and on the processor. */
      readonly milliseconds: number;
      readonly processorMilliseconds: number;
      /** Greatest difference of an element of the pooled vectors from the processor's. */
      readonly difference: number;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** Greatest {@link ProbeResult} difference: that of half precision, several times over. Broken drivers give something else altogether. */
const TOLERANCE = 0.1;

/** The provider to use in place of the processor, if any, and why not those that were asked for, or that are there. */
export interface GpuChoice {
  readonly provider?: GpuProvider;
  readonly notTaken: readonly NotTaken[];
}

/**
 * Chooses a provider. One that was asked for is taken when its probe runs and gives the processor's answers; with `auto` it must
 * be faster, too. Those that are not there are told where they were asked for, be it by a model package that was made for them.
 * @param absence why a provider is not there, if so.
 * @param precision of the model package.
 */
export async function chooseGpu(
  asked: ExecutionProvider,
  absence: (provider: GpuProvider) => string | undefined,
  probe: (provider: GpuProvider) => Promise<ProbeResult>,
  precision?: Precision,
): Promise<GpuChoice> {
  const notTaken: NotTaken[] = [];
  for (const provider of GPU_PROVIDERS.filter((name) => asked === name || (asked === 'auto' && (precision === 'float16' || absence(name) === undefined)))) {
    const reason = absence(provider) ?? refusal(await probe(provider), asked);
    if (reason === undefined) {
      return { provider, notTaken };
    }
    notTaken.push({ name: provider, reason });
  }
  return { notTaken };
}

/**
 * Whether a graphics card may run the encoder: whether there is a provider to be probed.
 * @param absence why a provider is not there, if so.
 */
export function mayUseGpu(asked: ExecutionProvider, absence: (provider: GpuProvider) => string | undefined = absenceHere): boolean {
  return GPU_PROVIDERS.some((name) => (asked === name || asked === 'auto') && absence(name) === undefined);
}

/**
 * Whether a backend is not the one meant: the provider that was asked for, or with none the best that this installation has; for a
 * model package in float16, any on a graphics card.
 * @param native whether it has the native library.
 * @param precision of the model package.
 */
export function isDegraded(asked: ExecutionProvider, backend: string, native: boolean, precision?: Precision): boolean {
  const gpus: readonly string[] = GPU_PROVIDERS;
  if (precision === 'float16' && !gpus.includes(backend)) {
    return true;
  }
  return gpus.includes(asked) ? backend !== asked : backend !== (native ? 'native' : 'wasm') && !gpus.includes(backend);
}

/** Whether this installation brings ONNX Runtime's native library along, in whatever state: packages for platforms that it is not made for do not. */
export function hasNativeRuntime(): boolean {
  return runtimeFolder() !== undefined;
}

function refusal(result: ProbeResult, asked: ExecutionProvider): string | undefined {
  if (result.kind === 'failed') {
    return result.reason;
  }
  const { milliseconds, processorMilliseconds, difference } = result;
  if (!(difference <= TOLERANCE)) {
    return `its answers are not the processor's: they are off by ${difference}`;
  }
  return asked === 'auto' && milliseconds >= processorMilliseconds
    ? `it is no faster here: ${milliseconds.toFixed(1)} ms for a batch, the processor ${processorMilliseconds.toFixed(1)} ms`
    : undefined;
}

/** The library that ONNX Runtime loads for a provider, from the folder of its own. */
const LIBRARIES: Readonly<Record<GpuProvider, Readonly<Partial<Record<NodeJS.Platform, string>>>>> = {
  cuda: { linux: 'libonnxruntime_providers_cuda.so', win32: 'onnxruntime_providers_cuda.dll' },
  dml: { win32: 'DirectML.dll' },
};

/** Why this installation does not have a provider, if so. */
export function absenceHere(provider: GpuProvider): string | undefined {
  const library = LIBRARIES[provider][process.platform];
  if (library === undefined) {
    return `there is none for ${process.platform}`;
  }
  const runtime = runtimeFolder();
  if (runtime === undefined) {
    return 'this installation has no native ONNX Runtime';
  }
  const folder = path.join(runtime, 'bin', 'napi-v6', process.platform, process.arch);
  return existsSync(path.join(folder, library)) ? undefined : `Glance does not bring it along, and ${library} is not in ${folder}`;
}

/** What a provider's probe depends on, other than drivers. */
export function probeKey(provider: GpuProvider, processor: string, model: { readonly name: string; readonly version: string }): string {
  const { version } = createRequire(__filename)('onnxruntime-node/package.json') as { version: string };
  return `onnxruntime ${version}, ${process.platform}-${process.arch}, ${provider}, ${processor}, ${model.name} ${model.version}`;
}

function runtimeFolder(): string | undefined {
  try {
    return path.dirname(createRequire(__filename).resolve('onnxruntime-node/package.json'));
  } catch {
    return undefined;
  }
}
