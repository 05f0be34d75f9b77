import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import { CommentsSurface } from './comments/comments-surface';
import { FindingFilter } from './findings/finding-filter';
import { CommitsSurface } from './commits/commits-surface';
import { DocumentsSurface } from './documents/documents-surface';
import { EngineSurface, type CreateEngine } from './engine/engine-surface';
import { LanguageModelSurface } from './language-model/language-model-surface';
import { localize } from './localization';
import { Baselines } from './findings/baselines';
import { ScanSurface } from './scan/scan-surface';
import { Settings } from './settings';
import { registerCommands, type Parts } from './surface';
import { TaughtFiles } from './teach/taught-files';
import { TeachSurface } from './teach/teach-surface';
import { TuneSurface } from './tune/tune-surface';

/**
 * Builds the surfaces of the extension. VS Code disposes of them when it deactivates the extension.
 * @param createEngine makes the engine that there is where the extension runs.
 * @returns the engine, which takes longer to end than VS Code waits for what it disposes of.
 */
export function activateSurfaces(context: vscode.ExtensionContext, createEngine: CreateEngine): Engine {
  localize();
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const baselines = new Baselines(context.workspaceState, log);
  const filter = new FindingFilter(settings, context.workspaceState, baselines);
  const engine = new EngineSurface(context, settings, createEngine, log);
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
  return engine.engine;
}
