import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { LoadedPackage } from '../core/model/model-package';
import { OnnxBackend, openSessions, SESSION_OPTIONS } from './onnx-backend';

/** Runs segments with ONNX Runtime compiled to WebAssembly, in one thread: several times slower than native, but wherever Node.js runs. */
export class WasmBackend extends OnnxBackend {
  /**
   * Opens a session for each segment of a package.
   * @throws {ModelPackageError} naming the segment that is not a graph of the expected form.
   * @throws when WebAssembly cannot be run here, or has no memory left.
   */
  static async open(model: LoadedPackage): Promise<WasmBackend> {
    // An `import` would take the package's other build, whose files do not ship.
    const require = createRequire(__filename);
    const runtime = require('onnxruntime-web') as typeof import('onnxruntime-web');
    const { wasm } = runtime.env;
    wasm.numThreads = 1;
    // Handed over, so that the library has nothing to fetch.
    wasm.wasmBinary = await readFile(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
    try {
      const sessions = await openSessions(runtime, { ...SESSION_OPTIONS, executionProviders: ['wasm'] }, model);
      return new WasmBackend('wasm', runtime, sessions, model.manifest.encoder.hiddenSize);
    } finally {
      // Compiled by now: 13 MB that nobody needs any more.
      delete wasm.wasmBinary;
    }
  }
}
