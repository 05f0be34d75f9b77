import path from 'node:path';
import * as vscode from 'vscode';

/** Whether a document is the README of a workspace folder, or one that was opened without its folder. Those deeper down need not say what that one says. */
export function isReadme({ uri }: vscode.TextDocument): boolean {
  const isAtRoot = vscode.workspace.getWorkspaceFolder(uri) === undefined || !vscode.workspace.asRelativePath(uri, false).includes('/');
  return uri.scheme !== 'untitled' && isAtRoot && /^readme\b.*\.(?:md|markdown)$/iu.test(path.posix.basename(uri.path));
}
