import eslint from '@eslint/js';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const nodeBuiltIns = ['node:*', ...builtinModules];
const typescript = tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] }));

/** Forbids imports of modules, static and dynamic, with the reason that a contributor reads. */
const forbid = (group, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message }] }],
  // The rule above does not see import().
  'no-restricted-syntax': ['error', { selector: 'ImportExpression', message: `Dynamic imports are for src/engine. ${message}` }],
});

/** What only Node.js has. */
const NODE_GLOBALS = ['process', 'Buffer', 'require', 'module', '__dirname', '__filename', 'global', 'setImmediate'];

export default [
  { ignores: ['dist/', 'out/', 'test-results/', '.vscode-host/', '**/.venv/', 'training/', 'test/fixtures/'] },
  eslint.configs.recommended,
  ...typescript,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: { console: false, process: false, setTimeout: false, clearTimeout: false, setInterval: false, clearInterval: false, URL: false, Buffer: false, fetch: false, AbortController: false, structuredClone: false, describe: false, it: false, before: false, after: false, beforeEach: false, afterEach: false, document: false, getComputedStyle: false } } },
  // The rooms: core is pure, only src/editor knows VS Code, only src/engine knows ONNX Runtime.
  { files: ['src/core/**'], rules: forbid(['vscode', 'onnxruntime-*', '**/engine/**', '**/editor/**', '**/cli/**', ...nodeBuiltIns], 'src/core is pure TypeScript: pass what it needs in from outside.') },
  { files: ['src/core/**'], rules: { 'no-restricted-globals': ['error', ...NODE_GLOBALS] } },
  { files: ['src/engine/**'], rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['vscode', '**/editor/**', '**/cli/**'], message: 'src/engine runs without an editor.' }] }] } },
  { files: ['src/cli/**'], rules: forbid(['vscode', 'onnxruntime-*', '**/editor/**'], 'src/cli runs without an editor and reaches the model through src/engine.') },
  { files: ['src/library/**'], rules: forbid(['vscode', 'onnxruntime-*', '**/editor/**', '**/cli/**'], 'src/library is for programs without an editor, and reaches the model through src/engine.') },
  { files: ['src/editor/**'], rules: forbid(['onnxruntime-*', '**/cli/**'], 'src/editor reaches the model through src/engine.') },
  { files: ['src/webview/**'], rules: forbid(['vscode', 'onnxruntime-*', '**/engine/**', '**/editor/**', '**/cli/**', ...nodeBuiltIns], 'src/webview runs in a page: the extension tells it what it shows, by message.') },
  { files: ['src/webview/**'], rules: { 'no-restricted-globals': ['error', ...NODE_GLOBALS] } },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'error' } },
];
