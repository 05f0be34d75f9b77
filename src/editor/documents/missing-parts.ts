import * as vscode from 'vscode';
import { AnswerDiagnostics } from '../answers/diagnostics';
import type { Settings } from '../settings';
import { SELECTOR, type ClassifiedDocument, type ClassifiedSection, type Documents } from './documents';
import { isReadme } from './is-readme';
import { addition, inWords, missingIn, namesOf } from './readme';
import { rangeIn } from '../ranges';

/** Marks the title of a README that lacks something, where `glance.documents.missing` wants it so, and adds the sections as quick fixes. */
export class MissingPartsHint implements vscode.CodeActionProvider, vscode.Disposable {
  private readonly hints: AnswerDiagnostics<ClassifiedDocument>;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly documents: Documents,
    private readonly settings: Settings,
  ) {
    this.hints = new AnswerDiagnostics('glance.documents', documents, (answer, document) => this.hint(answer, document));
    this.subscriptions = vscode.Disposable.from(
      this.hints,
      vscode.languages.registerCodeActionsProvider(SELECTOR, this, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
    );
  }

  provideCodeActions(document: vscode.TextDocument, _range: vscode.Range, { diagnostics }: vscode.CodeActionContext): vscode.CodeAction[] {
    const outcome = this.documents.of(document);
    const ours = diagnostics.filter((diagnostic) => this.hints.has(document, diagnostic));
    if (outcome?.kind !== 'done' || ours.length === 0) {
      return [];
    }
    return (missingIn(outcome.answer) ?? []).map((part) => {
      const action = new vscode.CodeAction(vscode.l10n.t('Add a section "{0}"', inWords(part, document.getText()).heading), vscode.CodeActionKind.QuickFix);
      action.diagnostics = ours;
      action.edit = new vscode.WorkspaceEdit();
      action.edit.set(document.uri, [addition(part, document, outcome.answer.sections)]);
      return action;
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private hint(answer: ClassifiedDocument, document: vscode.TextDocument): vscode.Diagnostic[] {
    const wanted = isReadme(document) && this.settings.missingParts(document) === 'hint';
    const missing = wanted ? (missingIn(answer) ?? []) : [];
    const message = vscode.l10n.t('This README seems to lack: {0}', namesOf(missing));
    return missing.length > 0 ? [new vscode.Diagnostic(titleRange(document, answer.sections), message, vscode.DiagnosticSeverity.Hint)] : [];
  }
}

function titleRange(document: vscode.TextDocument, [first]: readonly ClassifiedSection[]): vscode.Range {
  return first ? rangeIn(document, first.section.headingRange) : new vscode.Range(0, 0, 0, 0);
}
