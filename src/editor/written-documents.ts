import * as vscode from 'vscode';

/** Of the documents that are the cells of notebooks. */
export const CELL_SCHEME = 'vscode-notebook-cell';

/** Documents that people write though no file system has them as they are. */
const UNSAVED: ReadonlySet<string> = new Set(['untitled', CELL_SCHEME]);

/** Whether people write this document, on whatever file system; others are output, versions of the past and the like. */
export function isWritten({ uri: { scheme } }: vscode.TextDocument): boolean {
  return UNSAVED.has(scheme) || vscode.workspace.fs.isWritableFileSystem(scheme) === true;
}
