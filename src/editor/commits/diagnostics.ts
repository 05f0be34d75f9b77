import * as vscode from 'vscode';
import { describeVerdict } from '../../core/commits/verdict';
import type { ClassifiedMessage, Messages } from './messages';

/** Shows the type of a message that has none as Information, and a typed one that the model contradicts as a Warning. */
export class CommitDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('glance.commits');
  private readonly subscription: vscode.Disposable;

  /** @param help page that explains the types. */
  constructor(messages: Messages, help: vscode.Uri) {
    this.subscription = messages.onDidChange((document) => {
      const classified = messages.of(document);
      const diagnostic = classified && toDiagnostic(document, classified, help);
      this.collection.set(document.uri, diagnostic ? [diagnostic] : undefined);
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.collection.dispose();
  }
}

/** Where a message's type stands, or would stand: the first word. */
export function typeRange(document: vscode.TextDocument, { message: { header, subject, subjectRange } }: Pick<ClassifiedMessage, 'message'>): vscode.Range {
  const { start, end } = header?.typeRange ?? { start: subjectRange.start, end: subjectRange.start + (/^\S*/u.exec(subject)?.[0].length ?? 0) };
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function toDiagnostic(document: vscode.TextDocument, classified: ClassifiedMessage, help: vscode.Uri): vscode.Diagnostic | undefined {
  const { message, decision, verdict } = classified;
  if (verdict === undefined) {
    return undefined;
  }
  const severity = verdict === 'mismatch' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information;
  const diagnostic = new vscode.Diagnostic(typeRange(document, classified), describeVerdict(verdict, message, decision), severity);
  diagnostic.source = 'Glance';
  diagnostic.code = { value: decision.label, target: help };
  return diagnostic;
}
