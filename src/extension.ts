import path from 'node:path';
import * as vscode from 'vscode';
import { LANGUAGES } from './core/sources/comments/languages';
import { BackendStatus } from './editor/backend-status';
import { Classifications } from './editor/classifications';
import { registerCommands } from './editor/commands';
import { Diagnostics } from './editor/diagnostics';
import { FailureNotice } from './editor/failure-notice';
import { FindingHover } from './editor/hover';
import { ModelFault } from './editor/model-fault';
import { Settings } from './editor/settings';
import { Status } from './editor/status';
import { ChildEngine } from './engine/child-engine';
import { engineFiles } from './engine/files';
import { SupervisedEngine } from './engine/supervised-engine';

/** Builds the parts of the extension and connects them. VS Code disposes of them when it deactivates the extension. */
export function activate({ extension, extensionPath, globalStorageUri, subscriptions }: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const modelFault = new ModelFault();
  const onModelFault = (fault: string): void => {
    log.warn(fault);
    modelFault.set(fault);
  };
  const startEngine = (withoutNative?: string): ChildEngine => {
    const memory = globalStorageUri.fsPath;
    const options = { withoutNative, executionProvider: settings.executionProvider, memory, cache: path.join(memory, 'cache'), chosenModel: settings.modelPath, onModelFault };
    return new ChildEngine(path.join(extensionPath, 'dist', 'engine.js'), engineFiles(extensionPath), options);
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
    modelFault,
    settings.onDidChange((event) => {
      if (Settings.changesEngine(event)) {
        modelFault.clear();
        void engine.restart();
      }
    }),
    classifications,
    status,
    new BackendStatus(classifications, log, 'glance.showLog'),
    failureNotice,
    new Diagnostics(classifications, help),
    vscode.languages.registerHoverProvider(LANGUAGES.map(({ id }) => ({ language: id })), new FindingHover(classifications)),
    registerCommands({ engine, classifications, settings, failureNotice, modelFault, log }),
  );
}
