import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { EXECUTION_PROVIDERS, type Engine, type EngineFiles, type ExecutionProvider } from '../engine/engine';
import { EnginePool } from '../engine/engine-pool';
import { engineFiles } from '../engine/files';
import { LocalEngine } from '../engine/local-engine';
import { startSupervisedEngine } from '../engine/start-engine';
import type { Options, Values } from './command-line/command';
import { named } from './command-line/values';
import { UsageError } from './usage-error';

/** How many processes can work at the same time on this machine. */
const PROCESSES = availableParallelism();

/** Which model runs, and where. */
export const MODEL_OPTIONS = {
  model: { value: 'DIR', offer: 'folders', help: 'use the model package in this folder, not the one that ships' },
  'execution-provider': { value: 'P', offer: EXECUTION_PROVIDERS, help: 'where the encoder runs: auto (the default: the processor, or a graphics card that is faster), cpu, dml (DirectML) or cuda' },
} as const satisfies Options;

/** How a large job is done, too. */
export const ENGINE_OPTIONS = {
  ...MODEL_OPTIONS,
  processes: { value: 'N', help: `work in at most N processes (default: ${PROCESSES}, the processors of this machine); small jobs take one` },
  cache: { value: 'FOLDER', offer: 'folders', help: 'keep what was reckoned in this folder, so that a second time costs next to nothing; of the texts it holds hashes' },
} as const satisfies Options;

/** What every command that needs the engine takes. */
export interface ModelChoice {
  readonly files: EngineFiles;
  readonly executionProvider: ExecutionProvider;
}

/** What a command that may have much to do takes. */
export interface EngineChoice extends ModelChoice {
  /** Most processes to work in, 1 or more. */
  readonly processes: number;
  /** Absolute path of the folder of the cache, if there is to be one. */
  readonly cache: string | undefined;
}

/** @throws {UsageError} for a value that cannot be meant. */
export function modelChoice(values: Values<typeof MODEL_OPTIONS>): ModelChoice {
  const model = named('--model', 'folder', values.model);
  return { files: engineFiles(path.resolve(__dirname, '..'), model && path.resolve(model)), executionProvider: executionProvider(values['execution-provider']) };
}

/** @throws {UsageError} for a value that cannot be meant. */
export function engineChoice(values: Values<typeof ENGINE_OPTIONS>): EngineChoice {
  return { ...modelChoice(values), processes: processes(values.processes), cache: cacheFolder(named('--cache', 'folder', values.cache)) };
}

/** A cache that cannot be written fails in silence: who asks for one wants to hear of it. @throws {UsageError} where there can be no such folder. */
function cacheFolder(name: string | undefined): string | undefined {
  const folder = name && path.resolve(name);
  try {
    if (folder !== undefined) {
      makeFolder(folder);
      accessSync(folder, constants.W_OK);
    }
  } catch (error) {
    throw new UsageError(`--cache ${name} is no folder that can be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  return folder;
}

/** Makes a folder and those that it lies in. Node.js's own `recursive` never ends where a file system refuses with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    // Says so where it is a file.
    mkdirSync(folder, { recursive: true });
    return;
  }
  if (path.dirname(folder) !== folder) {
    makeFolder(path.dirname(folder));
  }
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}

/** Engines for a job of any size. The first works in this process: most jobs are small, and another process takes time to start. */
export function openEngines({ files, executionProvider, processes, cache }: EngineChoice): Engine {
  const options = { executionProvider, cache };
  return new EnginePool(processes, (number) => (number === 0 ? new LocalEngine(files, options) : startEngine({ files, executionProvider }, cache)));
}

/** An engine in a process of its own: what happens to it does not happen to the command. */
export function startEngine({ files, executionProvider }: ModelChoice, cache?: string): Engine {
  return startSupervisedEngine(path.join(__dirname, 'engine.js'), files, { executionProvider, cache });
}

function processes(text = String(PROCESSES)): number {
  if (/^[1-9]\d{0,2}$/u.test(text)) {
    return Number(text);
  }
  throw new UsageError(`--processes is a whole number from 1 to 999, not "${text}".`);
}

function executionProvider(name: string = EXECUTION_PROVIDERS[0]): ExecutionProvider {
  const found = EXECUTION_PROVIDERS.find((known) => known === name);
  if (found === undefined) {
    throw new UsageError(`There is no execution provider "${name}"; there are ${EXECUTION_PROVIDERS.join(', ')}.`);
  }
  return found;
}
