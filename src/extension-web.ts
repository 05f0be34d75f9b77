import type * as vscode from 'vscode';
import { createBrowserEngine } from './editor/engine/create-browser-engine';
import { activateSurfaces } from './editor/surfaces';

/** Starts the extension in a browser, as VS Code for the Web runs it: without Node.js, processes and a disk. */
export function activate(context: vscode.ExtensionContext): void {
  activateSurfaces(context, createBrowserEngine);
}
