import * as vscode from 'vscode';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { describeDecision } from '../../core/tasks/describe';
import type { Classifications, Finding } from './classifications';

/** Shows findings as diagnostics; by default as Information, since the author meant to write them: nothing is broken. */
export class Diagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('glance');
  private readonly subscription: vscode.Disposable;

  /** @param help page that explains the labels. */
  constructor(classifications: Classifications, help: vscode.Uri) {
    this.subscription = classifications.onDidChange((document) => {
      const outcome = classifications.of(document);
      if (outcome?.kind === 'done') {
        this.collection.set(document.uri, outcome.classification.findings.map((finding) => toDiagnostic(finding, help)));
      } else if (!classifications.isBusy(document) && !classifications.isOutdated(document)) {
        // Where they are out of date, the editor has moved them along with the text.
        this.collection.delete(document.uri);
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.collection.dispose();
  }
}

function toDiagnostic({ range, decision, severity }: Finding, help: vscode.Uri): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, describeDecision(COMMENT_DEBT, decision), severity);
  diagnostic.source = 'Glance';
  diagnostic.code = { value: decision.label, target: help };
  return diagnostic;
}
