import * as vscode from 'vscode';
import { CommentsSurface } from './editor/comments/comments-surface';
import { EngineSurface } from './editor/engine/engine-surface';
import { Settings } from './editor/settings';
import { TaughtFiles } from './editor/teach/taught-files';
import { TeachSurface } from './editor/teach/teach-surface';
import { registerCommands, type Parts } from './editor/surface';

let running: EngineSurface | undefined;

/** Builds the surfaces of the extension. VS Code disposes of them when it deactivates the extension. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const engine = new EngineSurface(context, settings, log);
  running = engine;
  const taught = new TaughtFiles();
  const parts: Parts = { context, engine: engine.engine, onDidChangeEngine: engine.onDidChange, onDidRestartEngine: engine.onDidRestart, settings, taught, log };
  const comments = new CommentsSurface(parts);
  const surfaces = [engine, comments, new TeachSurface(parts, comments.classifications)];
  context.subscriptions.push(log, settings, taught, ...surfaces, registerCommands(surfaces));
}

/** VS Code waits for the engine's process to end. */
export function deactivate(): Promise<void> | undefined {
  return running?.engine.dispose();
}
