import * as vscode from 'vscode';

/** Writes a file, all of it or nothing, in place of the one that is there. */
export async function writeAtomically(target: vscode.Uri, content: Uint8Array): Promise<void> {
  // A name of its own: several may write the file at a time.
  const partial = target.with({ path: `${target.path}.${Math.random().toString(36).slice(2)}.partial` });
  try {
    await vscode.workspace.fs.writeFile(partial, content);
    await vscode.workspace.fs.rename(partial, target, { overwrite: true });
  } catch (error) {
    await vscode.workspace.fs.delete(partial).then(undefined, () => undefined);
    throw error;
  }
}
