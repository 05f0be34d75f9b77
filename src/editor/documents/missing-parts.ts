import * as vscode from 'vscode';
import type { Settings } from '../settings';
import { SELECTOR, type Documents } from './documents';
import { isReadme } from './is-readme';
import { addition, inWords, missingIn, namesOf } from './readme';
import { rangeIn } from './ranges';

/** Marks the title of a README that lacks something, where `glance.documents.missing` wants it so, and adds the sections as quick fixes. */
export class MissingPartsHint implements vscode.CodeActionProvider, vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('glance.documents');
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly documents: Documents,
    private readonly settings: Settings,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.collection,
      documents.onDidChange((document) => this.update(document)),
      vscode.languages.registerCodeActionsProvider(SELECTOR, this, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
    );
  }

  provideCodeActions(document: vscode.TextDocument, _range: vscode.Range, { diagnostics }: vscode.CodeActionContext): vscode.CodeAction[] {
    const outcome = this.documents.of(document);
    const ours = diagnostics.filter((diagnostic) => this.collection.get(document.uri)?.some(({ message }) => message === diagnostic.message));
    if (outcome?.kind !== 'done' || ours.length === 0) {
      return [];
    }
    return (missingIn(outcome.document) ?? []).map((part) => {
      const action = new vscode.CodeAction(vscode.l10n.t('Add a section "{0}"', inWords(part, document.getText()).heading), vscode.CodeActionKind.QuickFix);
      action.diagnostics = ours;
      action.edit = new vscode.WorkspaceEdit();
      action.edit.set(document.uri, [addition(part, document, outcome.document.sections)]);
      return action;
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private update(document: vscode.TextDocument): void {
    const outcome = this.documents.of(document);
    if (outcome?.kind === 'done' && isReadme(document) && this.settings.missingParts(document) === 'hint') {
      const missing = missingIn(outcome.document) ?? [];
      const [first] = outcome.document.sections;
      const range = first ? rangeIn(document, first.section.headingRange) : new vscode.Range(0, 0, 0, 0);
      const diagnostic = new vscode.Diagnostic(range, vscode.l10n.t('This README seems to lack: {0}', namesOf(missing)), vscode.DiagnosticSeverity.Hint);
      diagnostic.source = 'Glance';
      this.collection.set(document.uri, missing.length > 0 ? [diagnostic] : []);
    } else if (!this.documents.isBusy(document)) {
      this.collection.delete(document.uri);
    }
  }
}
