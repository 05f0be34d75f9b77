import * as vscode from 'vscode';
import { BrowserEngine } from '../../engine/browser-engine';
import { SupervisedEngine } from '../../engine/supervised-engine';
import type { CreateEngine } from './engine-surface';

/** The editor's engine in a browser: in the extension host itself, which is a worker already, with the model package that ships. */
export const createBrowserEngine: CreateEngine = ({ extensionUri }, _settings, _modelFault, log, onState) => {
  const read = async (file: string): Promise<Uint8Array> => vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, file));
  // Where it dies, so does the extension host, and with it whoever might wait for the reason.
  const start = () => Object.assign(new BrowserEngine(read), { ended: new Promise<never>(() => undefined) });
  return new SupervisedEngine(start, (state) => {
    log.info(`Engine ${state.kind}`);
    onState(state);
  });
};
