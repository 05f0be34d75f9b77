import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Backend, SegmentOutput } from '../core/backend';
import { ModelPackageError } from '../core/model/error';
import type { ModelPackage } from '../core/model/model-package';

type OnnxRuntime = typeof import('onnxruntime-node');

/** Session options of every segment, with the reason for each. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  // One thread: two bring 1.2 times the speed of one and take the core that the editor needs.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // The graphs are fused as they are written; what a higher level makes of them differs from version to version.
  graphOptimizationLevel: 'basic',
  logSeverityLevel: 3,
  extra: {
    // Idle threads would spin.
    session: { intra_op: { allow_spinning: '0' } },
    // KleidiAI keeps gigabytes of packed buffers on Apple silicon.
    mlas: { disable_kleidiai: '1' },
  },
};

/** Runs segments with ONNX Runtime's native library on the processor. */
export class NativeBackend implements Backend {
  readonly name = 'native';

  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly sessions: readonly InferenceSession[],
    private readonly hiddenSize: number,
  ) {}

  /**
   * Opens a session for each segment of a package.
   * @throws {ModelPackageError} naming the segment that is not a graph of the expected form.
   * @throws when the native library cannot be loaded on this machine.
   */
  static async open({ segments, manifest }: ModelPackage): Promise<NativeBackend> {
    // Later versions of ONNX Runtime send telemetry unless this is set before the library loads; ours does not, and shall not.
    process.env['ORT_DISABLE_TELEMETRY'] = '1';
    // A heavy native library: loaded when the engine starts, not when its file is read.
    const runtime = await import('onnxruntime-node');
    const sessions: InferenceSession[] = [];
    try {
      for (const [index, { file, bytes }] of segments.entries()) {
        const session = await runtime.InferenceSession.create(bytes, SESSION_OPTIONS).catch((error: unknown) => {
          throw new ModelPackageError(file, `is not a graph that ONNX Runtime can run (${(error as Error).message})`);
        });
        sessions.push(session);
        checkSignature(file, session, index === segments.length - 1);
      }
    } catch (error) {
      await Promise.all(sessions.map((session) => session.release()));
      throw error;
    }
    return new NativeBackend(runtime, sessions, manifest.encoder.hiddenSize);
  }

  async run(segment: number, hidden: Float32Array, mask: Int32Array, rows: number, tokens: number): Promise<SegmentOutput> {
    const session = this.sessions[segment];
    if (!session) {
      throw new RangeError(`There is no segment ${segment}.`);
    }
    const { Tensor } = this.runtime;
    const { states, pooled } = await session.run({
      hidden: new Tensor('float32', hidden, [rows, tokens, this.hiddenSize]),
      mask: new Tensor('int32', mask, [rows, tokens]),
    });
    return states ? { states: floats(states), pooled: floats(pooled) } : { pooled: floats(pooled) };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.release()));
  }
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) {
    throw new TypeError('A segment gave something other than 32-bit floats.');
  }
  return tensor.data;
}

function checkSignature(file: string, { inputNames, outputNames }: InferenceSession, last: boolean): void {
  const expected = last ? [['hidden', 'mask'], ['pooled']] : [['hidden', 'mask'], ['pooled', 'states']];
  const found = [[...inputNames].sort(), [...outputNames].sort()];
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new ModelPackageError(file, `has inputs ${found[0]?.join(', ')} and outputs ${found[1]?.join(', ')} instead of ${expected[0]?.join(', ')} and ${expected[1]?.join(', ')}`);
  }
}
