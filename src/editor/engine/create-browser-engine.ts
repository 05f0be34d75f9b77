import * as vscode from 'vscode';
import { BrowserEngine } from '../../engine/browser-engine';
import { SupervisedEngine } from '../../engine/supervised-engine';
import { ThreadEngine } from '../../engine/thread-engine';
import type { CreateEngine } from './engine-surface';

/** The editor's engine in a browser: in the extension host itself, which is a worker already, with the model package that ships. */
export const createBrowserEngine: CreateEngine = ({ extensionUri }, _settings, _modelFault, log, onState) => {
  const read = async (file: string): Promise<Uint8Array> => vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, file));
  // It ends when it is restarted. Where it dies by itself, so does the extension host, and with it whoever might wait for the reason.
  return new SupervisedEngine(() => new ThreadEngine(new BrowserEngine(read)), (state) => {
    log.info(`Engine ${state.kind}`);
    onState(state);
  });
};
