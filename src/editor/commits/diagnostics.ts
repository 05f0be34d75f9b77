import * as vscode from 'vscode';
import { describeVerdict } from '../../core/commits/verdict';
import { AnswerDiagnostics } from '../answers/diagnostics';
import { rangeIn } from '../ranges';
import type { ClassifiedMessage, Messages } from './messages';

/**
 * Shows the type of a message that has none as Information, and a typed one that the model contradicts as a Warning.
 * @param help page that explains the types.
 */
export function commitDiagnostics(messages: Messages, help: vscode.Uri): vscode.Disposable {
  return new AnswerDiagnostics('glance.commits', messages, (classified, document) => (classified ? toDiagnostics(document, classified, help) : []));
}

/** Where a message's type stands, or would stand: the first word. */
export function typeRange(document: vscode.TextDocument, { message: { header, subject, subjectRange } }: Pick<ClassifiedMessage, 'message'>): vscode.Range {
  return rangeIn(document, header?.typeRange ?? { start: subjectRange.start, end: subjectRange.start + (/^\S*/u.exec(subject)?.[0].length ?? 0) });
}

function toDiagnostics(document: vscode.TextDocument, classified: ClassifiedMessage, help: vscode.Uri): vscode.Diagnostic[] {
  const { message, decision, verdict } = classified;
  if (verdict === undefined) {
    return [];
  }
  const severity = verdict === 'mismatch' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information;
  const diagnostic = new vscode.Diagnostic(typeRange(document, classified), describeVerdict(verdict, message, decision), severity);
  diagnostic.code = { value: decision.label, target: help };
  return [diagnostic];
}
