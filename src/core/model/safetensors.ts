import { ModelPackageError } from './error';
import * as z from '../schema';

/** A tensor of a safetensors file: row-major values and their shape. */
export interface Tensor<Values extends Float32Array | Int8Array = Float32Array | Int8Array> {
  readonly shape: readonly number[];
  readonly values: Values;
}

const count = z.int().check(z.nonnegative());
const headerSchema = z.record(z.string(), z.unknown());
const entrySchema = z.object({ dtype: z.string(), shape: z.array(count), data_offsets: z.tuple([count, count]) });

/**
 * Reads tensors from a file in the safetensors format (https://github.com/huggingface/safetensors): the length of a JSON header
 * as a 64-bit little-endian integer, the header, the values. Only the types that model packages use are read: F32 and I8.
 */
export class Safetensors {
  private readonly header: ReadonlyMap<string, unknown>;
  private readonly dataStart: number;

  /** @throws {ModelPackageError} when the header cannot be read. */
  constructor(
    private readonly file: string,
    private readonly bytes: Uint8Array,
  ) {
    try {
      const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
      this.dataStart = 8 + length;
      this.header = new Map(Object.entries(headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(8, this.dataStart))))));
    } catch {
      throw new ModelPackageError(file, 'is not a safetensors file');
    }
  }

  /** A tensor of finite 32-bit floats of exactly this shape. @throws {ModelPackageError} naming the tensor when it is missing or different. */
  float32(name: string, shape: readonly number[]): Tensor<Float32Array> {
    // A copy: the file need not align the values as a typed array must be. (`slice` of a Node.js buffer would not copy.)
    const values = new Float32Array(new Uint8Array(this.read(name, 'F32', 4, shape)).buffer);
    if (!values.every(Number.isFinite)) {
      throw new ModelPackageError(this.file, `has a value in tensor ${name} that is not a finite number`);
    }
    return { shape, values };
  }

  /** A tensor of 8-bit integers of exactly this shape: they stay where the file was read to. @throws {ModelPackageError} naming the tensor when it is missing or different. */
  int8(name: string, shape: readonly number[]): Tensor<Int8Array> {
    const { buffer, byteOffset, length } = this.read(name, 'I8', 1, shape);
    return { shape, values: new Int8Array(buffer, byteOffset, length) };
  }

  /** Number of rows of a matrix, for the dimension that only the file knows. @throws {ModelPackageError} when there is no such tensor. */
  rows(name: string): number {
    return this.entry(name).shape[0] ?? 0;
  }

  private entry(name: string): z.infer<typeof entrySchema> {
    if (!this.header.has(name)) {
      throw new ModelPackageError(this.file, `has no tensor ${name}`);
    }
    const { data, error } = entrySchema.safeParse(this.header.get(name));
    if (!data) {
      const [issue] = error.issues;
      throw new ModelPackageError(this.file, `has a header without a proper entry for tensor ${name} (${issue?.path.join('.')}: ${issue?.message})`);
    }
    return data;
  }

  /** The bytes of the values. */
  private read(name: string, dtype: string, bytesPerValue: number, shape: readonly number[]): Uint8Array {
    const entry = this.entry(name);
    const has = `${entry.dtype} [${entry.shape.join(', ')}]`;
    const wanted = `${dtype} [${shape.join(', ')}]`;
    if (has !== wanted) {
      throw new ModelPackageError(this.file, `has tensor ${name} as ${has} instead of ${wanted}`);
    }
    const [start, end] = entry.data_offsets;
    const expected = shape.reduce((product, size) => product * size, bytesPerValue);
    if (end - start !== expected || this.dataStart + end > this.bytes.byteLength) {
      throw new ModelPackageError(this.file, `holds too few values of tensor ${name}`);
    }
    return this.bytes.subarray(this.dataStart + start, this.dataStart + end);
  }
}
