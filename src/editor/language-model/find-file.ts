import path from 'node:path';
import * as vscode from 'vscode';

/**
 * The file that a language model names: by an absolute path, or by one from a folder of the workspace on, whose name may come first. Files outside the
 * workspace are left alone unless they are open: what a tool tells may leave the machine with the model's next request.
 * @throws with what the model can do about it.
 */
export async function findFile(filePath: string): Promise<vscode.TextDocument> {
  const candidates = candidatesOf(filePath);
  const open = vscode.workspace.textDocuments.find(({ uri }) => candidates.some((candidate) => candidate.toString() === uri.toString()));
  if (open) {
    return open;
  }
  for (const uri of candidates) {
    if (vscode.workspace.getWorkspaceFolder(uri) && (await isFile(uri))) {
      return vscode.workspace.openTextDocument(uri);
    }
  }
  throw new Error(vscode.l10n.t('There is no file {0} in the folders of this workspace. Give a path from a folder of the workspace on, or an absolute path inside one.', filePath));
}

function candidatesOf(filePath: string): vscode.Uri[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (path.isAbsolute(filePath)) {
    // Folders of the workspace may lie on another file system than this machine's.
    const file = vscode.Uri.file(path.normalize(filePath));
    return [file, ...folders.map(({ uri }) => uri.with({ path: file.path }))];
  }
  return folders.flatMap(({ uri, name }) => [
    vscode.Uri.joinPath(uri, filePath),
    ...(filePath.startsWith(`${name}/`) ? [vscode.Uri.joinPath(uri, filePath.slice(name.length + 1))] : []),
  ]);
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}
