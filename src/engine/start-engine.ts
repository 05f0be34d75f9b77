import { ChildEngine, type ChildOptions } from './child-engine';
import type { Engine, EngineFiles } from './engine';
import { SupervisedEngine } from './supervised-engine';

/**
 * An engine in a process of its own, which starts with the first request and is replaced when it dies: what happens to it does not happen to who asks.
 * @param serverFile the bundled `server.ts`.
 */
export function startSupervisedEngine(serverFile: string, files: EngineFiles, options: ChildOptions): Engine {
  return new SupervisedEngine((avoided) => new ChildEngine(serverFile, files, { ...options, avoided }));
}
