import * as vscode from 'vscode';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { describeDecision } from '../../core/tasks/describe';
import { AnswerDiagnostics } from '../answers/diagnostics';
import type { Classification, Classifications, Finding } from './classifications';

/**
 * Shows findings as diagnostics; by default as Information, since the author meant to write them: nothing is broken.
 * @param help page that explains the labels.
 */
export function findingDiagnostics(classifications: Classifications, help: vscode.Uri): AnswerDiagnostics<Classification> {
  return new AnswerDiagnostics('glance', classifications, ({ findings }) => findings.map((finding) => toDiagnostic(finding, help)));
}

function toDiagnostic({ range, decision, severity }: Finding, help: vscode.Uri): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, describeDecision(COMMENT_DEBT, decision), severity);
  diagnostic.code = { value: decision.label, target: help };
  return diagnostic;
}
