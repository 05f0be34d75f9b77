import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import type { EngineState } from '../engine/supervised-engine';
import type { FindingFilter } from './findings/finding-filter';
import type { Settings } from './settings';
import type { TaughtFiles } from './teach/taught-files';

/** What every surface is built from. */
export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly engine: Engine;
  /** Fires when the engine starts, dies, waits or fails. */
  readonly onDidChangeEngine: vscode.Event<EngineState>;
  /** Fires when what the engine answered before may not be what it answers now: its user has started it anew. */
  readonly onDidRestartEngine: vscode.Event<void>;
  readonly settings: Settings;
  /** What was taught in this workspace. */
  readonly taught: TaughtFiles;
  /** Which findings are shown. */
  readonly filter: FindingFilter;
  readonly log: vscode.LogOutputChannel;
}

/** What runs commands, by the identifiers that the manifest contributes. They return what they found, for other extensions and tests. */
export type Commands = Readonly<Record<string, (...given: never[]) => unknown>>;

/** A part of Glance that people see: comments, commits, and so on. */
export interface Surface extends vscode.Disposable {
  readonly commands: Commands;
}

/** Registers the commands of every surface. */
export function registerCommands(surfaces: readonly Surface[]): vscode.Disposable {
  const entries = surfaces.flatMap(({ commands }) => Object.entries(commands));
  return vscode.Disposable.from(...entries.map(([id, run]) => vscode.commands.registerCommand(id, run)));
}
