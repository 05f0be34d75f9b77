import * as vscode from 'vscode';
import type { DocumentAnswers } from './document-answers';

/** Shows as diagnostics what is known of documents. While one is edited, the editor moves those of the version before along with the text. */
export class AnswerDiagnostics<Answer> implements vscode.Disposable {
  private readonly collection: vscode.DiagnosticCollection;
  private readonly subscription: vscode.Disposable;

  /** @param name of the collection. */
  constructor(name: string, answers: DocumentAnswers<Answer>, diagnosticsOf: (answer: Answer, document: vscode.TextDocument) => vscode.Diagnostic[]) {
    this.collection = vscode.languages.createDiagnosticCollection(name);
    this.subscription = answers.onDidChange((document) => {
      const outcome = answers.latest(document);
      if (outcome?.kind !== 'done') {
        this.collection.delete(document.uri);
      } else if (outcome.version === document.version) {
        this.collection.set(document.uri, diagnosticsOf(outcome.answer, document).map((diagnostic) => Object.assign(diagnostic, { source: 'Glance' })));
      }
    });
  }

  /** Whether a diagnostic that VS Code hands over is one of these. */
  has({ uri }: vscode.TextDocument, { message, range }: vscode.Diagnostic): boolean {
    return this.collection.get(uri)?.some((ours) => ours.message === message && ours.range.isEqual(range)) ?? false;
  }

  dispose(): void {
    this.subscription.dispose();
    this.collection.dispose();
  }
}
