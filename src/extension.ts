import * as vscode from 'vscode';
import { CommentsSurface } from './editor/comments/comments-surface';
import { CommitsSurface } from './editor/commits/commits-surface';
import { EngineSurface } from './editor/engine/engine-surface';
import { Settings } from './editor/settings';
import { registerCommands, type Parts } from './editor/surface';

let running: EngineSurface | undefined;

/** Builds the surfaces of the extension. VS Code disposes of them when it deactivates the extension. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const engine = new EngineSurface(context, settings, log);
  running = engine;
  const parts: Parts = { context, engine: engine.engine, onDidChangeEngine: engine.onDidChange, onDidRestartEngine: engine.onDidRestart, settings, log };
  const surfaces = [engine, new CommentsSurface(parts), new CommitsSurface(parts)];
  context.subscriptions.push(log, settings, ...surfaces, registerCommands(surfaces));
}

/** VS Code waits for the engine's process to end. */
export function deactivate(): Promise<void> | undefined {
  return running?.engine.dispose();
}
