import * as vscode from 'vscode';
import { CommentsSurface } from './editor/comments/comments-surface';
import { FindingFilter } from './editor/comments/finding-filter';
import { CommitsSurface } from './editor/commits/commits-surface';
import { DocumentsSurface } from './editor/documents/documents-surface';
import { EngineSurface } from './editor/engine/engine-surface';
import { LanguageModelSurface } from './editor/language-model/language-model-surface';
import { localize } from './editor/localization';
import { Baselines } from './editor/scan/baselines';
import { ScanSurface } from './editor/scan/scan-surface';
import { Settings } from './editor/settings';
import { registerCommands, type Parts } from './editor/surface';
import { TaughtFiles } from './editor/teach/taught-files';
import { TeachSurface } from './editor/teach/teach-surface';
import { TuneSurface } from './editor/tune/tune-surface';

let running: EngineSurface | undefined;

/** Builds the surfaces of the extension. VS Code disposes of them when it deactivates the extension. */
export function activate(context: vscode.ExtensionContext): void {
  localize();
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const baselines = new Baselines(context.workspaceState, log);
  const filter = new FindingFilter(settings, context.workspaceState, baselines);
  const engine = new EngineSurface(context, settings, log);
  running = engine;
  const taught = new TaughtFiles();
  const parts: Parts = { context, engine: engine.engine, onDidChangeEngine: engine.onDidChange, onDidRestartEngine: engine.onDidRestart, settings, filter, taught, log };
  const comments = new CommentsSurface(parts);
  const surfaces = [
    engine,
    comments,
    new CommitsSurface(parts),
    new DocumentsSurface(parts),
    new ScanSurface(parts, baselines),
    new TuneSurface(parts),
    new TeachSurface(parts, comments.classifications),
    new LanguageModelSurface(parts),
  ];
  context.subscriptions.push(log, settings, baselines, filter, taught, ...surfaces, registerCommands(surfaces));
}

/** VS Code waits for the engine's process to end. */
export function deactivate(): Promise<void> | undefined {
  return running?.engine.dispose();
}
