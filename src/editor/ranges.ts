import * as vscode from 'vscode';
import type { OffsetRange } from '../core/sources/snippet';

/** A range of a document's text in the terms of VS Code. */
export function rangeIn(document: vscode.TextDocument, { start, end }: OffsetRange): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
