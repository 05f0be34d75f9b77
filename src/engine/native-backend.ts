import { createRequire } from 'node:module';
import type { InferenceSession } from 'onnxruntime-node';
import type { LoadedPackage } from '../core/model/model-package';
import type { GpuProvider } from './execution-provider';
import { OnnxBackend, openSessions, SESSION_OPTIONS } from './onnx-backend';

const PROCESSOR: InferenceSession.SessionOptions = {
  ...SESSION_OPTIONS,
  executionProviders: ['cpu'],
  // One thread: two bring 1.2 times the speed of one and take the core that the editor needs.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: {
    // Idle threads would spin.
    session: { intra_op: { allow_spinning: '0' } },
    // KleidiAI keeps gigabytes of packed buffers on Apple silicon.
    mlas: { disable_kleidiai: '1' },
  },
};

/** Where ONNX Runtime's native library runs segments. */
export type NativeProvider = 'cpu' | GpuProvider;

/** Runs segments with ONNX Runtime's native library, on the processor unless told otherwise. */
export class NativeBackend extends OnnxBackend {
  /**
   * Opens a session for each segment of a package.
   * @throws {ModelPackageError} naming the segment that is not a graph of the expected form.
   * @throws when the native library cannot be loaded on this machine, or has no such provider.
   */
  static async open(model: LoadedPackage, provider: NativeProvider = 'cpu'): Promise<NativeBackend> {
    // Later versions of ONNX Runtime send telemetry unless this is set before the library loads; ours does not, and shall not.
    process.env['ORT_DISABLE_TELEMETRY'] = '1';
    // A heavy native library: loaded when the engine starts, not when its file is read. Node.js's loader for `import` would take 10 ms to start.
    const runtime = createRequire(__filename)('onnxruntime-node') as typeof import('onnxruntime-node');
    const sessions = await openSessions(runtime, optionsFor(provider), model);
    return new NativeBackend(provider === 'cpu' ? 'native' : provider, runtime, sessions, model.manifest.encoder.hiddenSize);
  }
}

function optionsFor(provider: NativeProvider): InferenceSession.SessionOptions {
  // The processor takes the operators that a provider does not have, unasked: a list of both would hide that there is no such provider.
  // DirectML demands that memory patterns be off.
  return provider === 'cpu' ? PROCESSOR : { ...PROCESSOR, executionProviders: [provider], enableMemPattern: provider !== 'dml' };
}
