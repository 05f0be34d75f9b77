import path from 'node:path';
import * as vscode from 'vscode';
import { LANGUAGES } from './core/sources/comments/languages';
import { BackendStatus } from './editor/backend-status';
import { Classifications } from './editor/classifications';
import { registerCommands } from './editor/commands';
import { Diagnostics } from './editor/diagnostics';
import { FailureNotice } from './editor/failure-notice';
import { FindingHover } from './editor/hover';
import { Settings } from './editor/settings';
import { Status } from './editor/status';
import { ChildEngine } from './engine/child-engine';
import { engineFiles } from './engine/files';
import { SupervisedEngine } from './engine/supervised-engine';

/** Builds the parts of the extension and connects them. VS Code disposes of them when it deactivates the extension. */
export function activate({ extension, extensionPath, globalStorageUri, subscriptions }: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const startEngine = (withoutNative?: string): ChildEngine => {
    const options = { withoutNative, executionProvider: settings.executionProvider, memory: globalStorageUri.fsPath };
    return new ChildEngine(path.join(extensionPath, 'dist', 'engine.js'), engineFiles(extensionPath, settings.modelPath), options);
  };
  const engine = new SupervisedEngine(startEngine, (state) => {
    log.info(`Engine ${state.kind}${'reason' in state ? `: ${state.reason}` : ''}`);
    status.onEngine(state);
  });
  const classifications = new Classifications(engine, settings, log);
  const status = new Status(classifications, 'glance.showLog');
  const failureNotice = new FailureNotice(classifications);
  const help = vscode.Uri.parse(`${vscode.env.uriScheme}:extension/${extension.id}`);
  subscriptions.push(
    log,
    settings,
    { dispose: () => void engine.dispose() },
    settings.onDidChange((event) => void (Settings.changesEngine(event) && engine.restart())),
    classifications,
    status,
    new BackendStatus(classifications, log, 'glance.showLog'),
    failureNotice,
    new Diagnostics(classifications, help),
    vscode.languages.registerHoverProvider(LANGUAGES.map(({ id }) => ({ language: id })), new FindingHover(classifications)),
    registerCommands({ engine, classifications, settings, failureNotice, log }),
  );
}
