import * as vscode from 'vscode';
import { ignoreInsertion, todoInsertion, type Insertion } from '../../core/sources/comments/insertions';
import type { OffsetRange } from '../../core/sources/snippet';
import type { Classifications, Finding } from './classifications';

/** What can be done about a finding. */
export class FindingActions implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };

  constructor(private readonly classifications: Classifications) {}

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range, { diagnostics }: vscode.CodeActionContext): vscode.CodeAction[] {
    const outcome = this.classifications.of(document);
    const findings = outcome?.kind === 'done' ? outcome.answer.findings.filter((finding) => finding.range.intersection(range)) : [];
    return findings.flatMap((finding) => {
      const about = diagnostics.filter((diagnostic) => diagnostic.source === 'Glance' && diagnostic.range.isEqual(finding.range));
      return actionsOn(document, finding).map((action) => Object.assign(action, { diagnostics: about }));
    });
  }
}

function actionsOn(document: vscode.TextDocument, { range }: Finding): vscode.CodeAction[] {
  const source = document.getText();
  const place: OffsetRange = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
  const todo = todoInsertion(source, place);
  return [
    insert(vscode.l10n.t('Ignore here with glance-ignore'), document, ignoreInsertion(source, place)),
    run(vscode.l10n.t('Not debt: do not report this text in this workspace'), 'glance.notDebt', document, range),
    ...(todo ? [insert(vscode.l10n.t('Mark with TODO, so that other tools see it'), document, todo)] : []),
    run(vscode.l10n.t('Classify at full depth'), 'glance.classifyAtFullDepth', document, range),
    run(vscode.l10n.t('Copy finding'), 'glance.copyFinding', document, range),
  ];
}

function insert(title: string, document: vscode.TextDocument, { offset, text }: Insertion): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.insert(document.uri, document.positionAt(offset), text);
  return action;
}

/** An action that runs one of the commands on the finding at a place. */
function run(title: string, command: string, { uri }: vscode.TextDocument, { start }: vscode.Range): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { command, title, arguments: [uri, start] };
  return action;
}
