import * as vscode from 'vscode';

/** The documents in visible editors, with every cell of the notebooks among them, scrolled to or not. */
export function visibleDocuments(): vscode.TextDocument[] {
  const cells = vscode.window.visibleNotebookEditors.flatMap(({ notebook }) => notebook.getCells()).map(({ document }) => document);
  return [...new Set([...vscode.window.visibleTextEditors.map(({ document }) => document), ...cells])];
}
