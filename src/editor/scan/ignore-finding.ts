import * as vscode from 'vscode';
import { ignoreInsertion } from '../../core/sources/comments/insertions';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import type { FindingNode } from './findings-tree';

/** Puts `glance-ignore` at a finding's comment, and saves the file, unless it had unsaved changes before. @returns whether the comment was still there. */
export async function ignoreFinding({ file, finding: { text, start, end } }: FindingNode): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(file.uri);
  const range = new vscode.Range(start.line, start.column, end.line, end.column);
  if (COMMENT_DEBT.prepare({ text: document.getText(range) }) !== text) {
    void vscode.window.showWarningMessage(vscode.l10n.t('The file has changed since it was scanned: save it, so that it is scanned again.'));
    return false;
  }
  const { isDirty } = document;
  const insertion = ignoreInsertion(document.getText(), { start: document.offsetAt(range.start), end: document.offsetAt(range.end) });
  const edit = new vscode.WorkspaceEdit();
  edit.insert(file.uri, document.positionAt(insertion.offset), insertion.text);
  return (await vscode.workspace.applyEdit(edit)) && (isDirty || (await document.save()));
}
