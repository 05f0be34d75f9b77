import * as vscode from 'vscode';
import { BackendStatus } from './editor/backend-status';
import { Classifications } from './editor/classifications';
import { registerCommands } from './editor/commands';
import { createEngine } from './editor/create-engine';
import { Diagnostics } from './editor/diagnostics';
import { FailureNotice } from './editor/failure-notice';
import { FindingHover } from './editor/hover';
import { ModelFault } from './editor/model-fault';
import { SELECTOR } from './editor/selector';
import { Settings } from './editor/settings';
import { Status } from './editor/status';
import type { SupervisedEngine } from './engine/supervised-engine';

let engine: SupervisedEngine | undefined;

/** Builds the parts of the extension and connects them. VS Code disposes of them when it deactivates the extension. */
export function activate(context: vscode.ExtensionContext): void {
  const { extension, subscriptions } = context;
  const log = vscode.window.createOutputChannel('Glance', { log: true });
  const settings = new Settings();
  const modelFault = new ModelFault();
  const running = createEngine(context, settings, modelFault, log, (state) => status.onEngine(state));
  engine = running;
  const classifications = new Classifications(running, settings, log);
  const status = new Status(classifications, 'glance.showLog');
  const failureNotice = new FailureNotice(classifications);
  const help = vscode.Uri.parse(`${vscode.env.uriScheme}:extension/${extension.id}`);
  subscriptions.push(
    log,
    settings,
    modelFault,
    settings.onDidChange((event) => {
      if (Settings.changesEngine(event)) {
        modelFault.clear();
        void running.restart();
      }
    }),
    classifications,
    status,
    new BackendStatus(classifications, log, 'glance.showLog'),
    failureNotice,
    new Diagnostics(classifications, help),
    vscode.languages.registerHoverProvider(SELECTOR, new FindingHover(classifications)),
    registerCommands({ engine: running, classifications, settings, failureNotice, modelFault, log }),
  );
}

/** VS Code waits for the engine's process to end. */
export function deactivate(): Promise<void> | undefined {
  return engine?.dispose();
}
