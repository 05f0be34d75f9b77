import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Backend, SegmentOutput } from '../core/backend';
import { ModelPackageError } from '../core/model/error';
import type { LoadedPackage } from '../core/model/model-package';

/** What the packages of ONNX Runtime, native and WASM, have in common. */
export type OnnxRuntime = Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor'>;

/** Session options that both need, with the reason for each. */
export const SESSION_OPTIONS = {
  executionMode: 'sequential',
  // The graphs are fused as they are written; what a higher level makes of them differs from version to version.
  graphOptimizationLevel: 'basic',
  logSeverityLevel: 3,
} as const satisfies InferenceSession.SessionOptions;

/** Runs segments with ONNX Runtime. */
export class OnnxBackend implements Backend {
  /** @param sessions one per segment, in order: see {@link openSessions}. */
  protected constructor(
    readonly name: string,
    private readonly runtime: OnnxRuntime,
    private readonly sessions: readonly InferenceSession[],
    private readonly hiddenSize: number,
  ) {}

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

/**
 * Opens a session for each segment of a package.
 * @throws {ModelPackageError} naming the segment that the runtime cannot run, or that gives something of another shape.
 */
export async function openSessions(runtime: OnnxRuntime, options: InferenceSession.SessionOptions, { segments, manifest }: LoadedPackage): Promise<InferenceSession[]> {
  const { InferenceSession } = runtime;
  const sessions: InferenceSession[] = [];
  try {
    for (const [index, { file, bytes }] of segments.entries()) {
      const session = await InferenceSession.create(bytes, options).catch((error: unknown) => {
        throw new ModelPackageError(file, `is not a graph that ONNX Runtime can run (${(error as Error).message})`, undefined, { cause: error });
      });
      sessions.push(session);
      const last = index === segments.length - 1;
      checkSignature(file, session, last);
      await checkShapes(runtime, file, session, manifest.encoder.hiddenSize, last);
    }
  } catch (error) {
    await Promise.all(sessions.map((session) => session.release()));
    throw error;
  }
  return sessions;
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

/** Takes two tokens through a segment: what a graph says of its shapes may be wrong, or nothing. */
async function checkShapes({ Tensor }: OnnxRuntime, file: string, session: InferenceSession, hiddenSize: number, last: boolean): Promise<void> {
  const [rows, tokens] = [1, 2];
  const feeds = { hidden: new Tensor('float32', new Float32Array(rows * tokens * hiddenSize), [rows, tokens, hiddenSize]), mask: new Tensor('int32', new Int32Array(rows * tokens).fill(1), [rows, tokens]) };
  const outputs = await session.run(feeds).catch((error: unknown) => {
    throw new ModelPackageError(file, `cannot take hidden states of the manifest's size, ${hiddenSize} (${(error as Error).message})`, undefined, { cause: error });
  });
  const expected = { pooled: [rows, hiddenSize], ...(last ? {} : { states: [rows, tokens, hiddenSize] }) };
  for (const [name, shape] of Object.entries(expected)) {
    const { type, dims = [] } = outputs[name] ?? {};
    if (type !== 'float32' || String(dims) !== String(shape)) {
      throw new ModelPackageError(file, `gives ${name} of shape [${dims.join(', ')}] (${type ?? 'missing'}) instead of [${shape.join(', ')}] (float32)`);
    }
  }
}
