import * as runtime from 'onnxruntime-web/wasm';
import { loadModelPackage, type LoadedPackage } from '../core/model/model-package';
import { openFirst } from './backends';
import { InProcessEngine, type OpenModel } from './in-process-engine';
import { OnnxBackend, openSessions, SESSION_OPTIONS } from './onnx-backend';

/** Reads a file of the installation by its path from there, with `/`. */
export type InstallationReader = (file: string) => Promise<Uint8Array>;

/** ONNX Runtime compiled to WebAssembly, in one thread. */
const RUNTIME = 'dist/ort-wasm-simd-threaded.wasm';

/** An engine in this thread of a browser. */
export class BrowserEngine extends InProcessEngine {
  constructor(read: InstallationReader) {
    super({ readGrammar: (file) => read(`dist/grammars/${file}`), openModel: () => openModel(read) });
  }
}

async function openModel(read: InstallationReader): Promise<OpenModel> {
  const loaded = await loadModelPackage((file) => read(`models/glance-minilm/${file}`));
  const running = await openFirst(loaded, [{ name: 'wasm', open: (model) => BrowserBackend.open(model, read) }]);
  return { ...running, loaded, degraded: running.backend.name !== 'wasm' };
}

/** Runs segments in a browser. */
class BrowserBackend extends OnnxBackend {
  /** See `WasmBackend.open`. */
  static async open(model: LoadedPackage, read: InstallationReader): Promise<BrowserBackend> {
    const { wasm } = runtime.env;
    wasm.numThreads = 1;
    // Handed over, so that the library has nothing to fetch.
    wasm.wasmBinary = await read(RUNTIME);
    try {
      const sessions = await openSessions(runtime, { ...SESSION_OPTIONS, executionProviders: ['wasm'] }, model);
      return new BrowserBackend('wasm', runtime, sessions, model.manifest.encoder.hiddenSize);
    } finally {
      delete wasm.wasmBinary;
    }
  }
}
