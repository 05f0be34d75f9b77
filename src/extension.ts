import type * as vscode from 'vscode';
import { createEngine } from './editor/engine/create-engine';
import { activateSurfaces } from './editor/surfaces';
import type { Engine } from './engine/engine';

let engine: Engine | undefined;

/** Starts the extension where it runs in Node.js: everywhere but in a browser. */
export function activate(context: vscode.ExtensionContext): void {
  engine = activateSurfaces(context, createEngine);
}

/** VS Code waits for the engine's process to end. */
export function deactivate(): Promise<void> | undefined {
  return engine?.dispose();
}
