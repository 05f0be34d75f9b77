import * as vscode from 'vscode';

/** Waits for the folders of the workspace. `known` settles once they are, unless this is disposed of before. */
export interface WorkspaceFolders extends vscode.Disposable {
  readonly known: Promise<void>;
}

/** In a browser VS Code may start the extension host before it has read the workspace's file: the folders come as a change then. */
export function workspaceFolders(): WorkspaceFolders {
  if (!vscode.workspace.workspaceFile || vscode.workspace.workspaceFolders?.length) {
    return { known: Promise.resolve(), dispose: () => undefined };
  }
  let subscription: vscode.Disposable | undefined;
  const known = new Promise<void>((resolve) => {
    subscription = vscode.workspace.onDidChangeWorkspaceFolders(() => resolve());
  });
  return { known, dispose: () => void subscription?.dispose() };
}
