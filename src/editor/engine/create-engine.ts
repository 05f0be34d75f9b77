import path from 'node:path';
import * as vscode from 'vscode';
import { ChildEngine } from '../../engine/child-engine';
import type { Avoided } from '../../engine/engine';
import { engineFiles } from '../../engine/files';
import { SupervisedEngine } from '../../engine/supervised-engine';
import type { CreateEngine } from './engine-surface';

/** The editor's engine: a process of its own with the model package that the settings name, and a folder of the editor's to keep things in. */
export const createEngine: CreateEngine = ({ extensionPath, globalStorageUri }, settings, modelFault, log, onState) => {
  const onModelFault = (fault: string): void => {
    log.warn(fault);
    modelFault.set(fault);
  };
  const start = (avoided?: Avoided): ChildEngine => {
    const memory = globalStorageUri.fsPath;
    const options = { avoided, executionProvider: settings.executionProvider, memory, cache: path.join(memory, 'cache'), chosenModel: settings.modelPath, onModelFault, translations: vscode.l10n.uri?.fsPath };
    return new ChildEngine(path.join(extensionPath, 'dist', 'engine.js'), engineFiles(extensionPath), options);
  };
  return new SupervisedEngine(start, (state) => {
    log.info(`Engine ${state.kind}${'reason' in state ? `: ${state.reason}` : ''}`);
    onState(state);
  });
};
