/**
 * The platforms that Glance is packaged for, by VS Code's names. Where ONNX Runtime has a native library it ships, with the WebAssembly build
 * behind it; elsewhere WebAssembly runs the model.
 */
const NATIVE = {
  'linux-x64': 'linux/x64',
  'linux-arm64': 'linux/arm64',
  'darwin-arm64': 'darwin/arm64',
  'win32-x64': 'win32/x64',
  'win32-arm64': 'win32/arm64',
};

const WITHOUT_NATIVE = ['darwin-x64', 'alpine-x64', 'alpine-arm64', 'linux-armhf'];

/** VS Code for the Web, which runs extensions in a worker of the browser. */
export const WEB = 'web';

export const TARGETS = [...Object.keys(NATIVE), ...WITHOUT_NATIVE, WEB];

/** This machine's. */
export const HERE = `${process.platform}-${process.arch === 'arm' ? 'armhf' : process.arch}`;

/** Where ONNX Runtime keeps the native library of a target, below its own folder; undefined when it has none. */
export function nativeFolder(target) {
  return NATIVE[target] && `bin/napi-v6/${NATIVE[target]}/`;
}

/**
 * Whether a file of ONNX Runtime's is a target's native library: not those for graphics cards, which are hundreds of megabytes and loaded only
 * when asked for, nor a second copy of the same library under its full version.
 */
export function isNativeLibrary(file, target) {
  const folder = nativeFolder(target);
  return folder !== undefined && file.startsWith(folder) && !/providers|DirectML|dxcompiler|dxil|\.\d+\.\d+\.\d+\.dylib$/iu.test(file);
}
