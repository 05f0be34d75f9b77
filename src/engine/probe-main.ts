import type { Backend } from '../core/backend';
import { loadModelPackage, type LoadedPackage } from '../core/model/model-package';
import type { ProbeResult } from './execution-provider';
import { NativeBackend, type NativeProvider } from './native-backend';
import { packageFolder } from './package-folder';

/** A batch of the size that the scheduler makes. */
const ROWS = 8;
const TOKENS = 32;

/** The first runs compile and allocate; of the others the median counts. */
const WARM_UPS = 2;
const RUNS = 5;

/** The probe's process: runs a batch on the processor and on a provider, and tells its parent what it found. */
async function main([folder = '', provider = '']: readonly string[]): Promise<ProbeResult> {
  const model = await loadModelPackage(packageFolder(folder));
  const processor = await measure(await NativeBackend.open(model), model);
  const gpu = await measure(await NativeBackend.open(model, provider as NativeProvider), model);
  const difference = Math.max(...gpu.pooled.map((value, index) => Math.abs(value - (processor.pooled[index] ?? NaN))));
  if (!Number.isFinite(difference)) {
    // As a message between processes it would become null.
    return { kind: 'failed', reason: 'its answers are not numbers' };
  }
  return { kind: 'ran', milliseconds: gpu.milliseconds, processorMilliseconds: processor.milliseconds, difference };
}

async function measure(backend: Backend, model: LoadedPackage): Promise<{ readonly milliseconds: number; readonly pooled: Float32Array }> {
  let pooled: Float32Array = new Float32Array();
  const times: number[] = [];
  for (let run = 0; run < WARM_UPS + RUNS; run += 1) {
    const started = performance.now();
    pooled = await runBatch(backend, model);
    times.push(performance.now() - started);
  }
  return { milliseconds: times.slice(WARM_UPS).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN, pooled };
}

/** Takes a batch of made-up tokens through all segments. */
async function runBatch(backend: Backend, { embeddings, segments, manifest }: LoadedPackage): Promise<Float32Array> {
  const { hiddenSize, maximumTokens, vocabularySize } = manifest.encoder;
  const tokens = Math.min(TOKENS, maximumTokens);
  let hidden = new Float32Array(ROWS * tokens * hiddenSize);
  for (let row = 0; row < ROWS; row += 1) {
    const ids = Int32Array.from({ length: tokens }, (_, index) => (7919 * (row * tokens + index + 1)) % vocabularySize);
    embeddings.lookUp(ids, hidden.subarray(row * tokens * hiddenSize));
  }
  const mask = new Int32Array(ROWS * tokens).fill(1);
  let pooled: Float32Array = new Float32Array();
  for (const segment of segments.keys()) {
    const output = await backend.run(segment, hidden, mask, ROWS, tokens);
    pooled = Float32Array.from(output.pooled);
    hidden = Float32Array.from(output.states ?? []);
  }
  return pooled;
}

function tell(result: ProbeResult): void {
  // Drivers may hang or crash when they are shut down in order.
  process.send?.(result, () => process.exit(0));
}

/** What ONNX Runtime itself said, if it did: it is not the model package that is on trial. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

// Whoever asked is gone.
process.on('disconnect', () => process.exit(0));
main(process.argv.slice(2)).then(tell, (error: unknown) => tell({ kind: 'failed', reason: reasonOf(error) }));
