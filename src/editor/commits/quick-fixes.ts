import * as vscode from 'vscode';
import { spellingOf } from '../../core/commits/conventions';
import { typeEdit } from '../../core/sources/commits/commit-message';
import { rangeIn } from '../ranges';
import type { ClassifiedMessage, Messages } from './messages';

/** Keeps the type that the author of a message has typed. Its title is that of the quick fix that runs it. */
export type KeepType = (document: vscode.TextDocument, type: string) => void;

/** Inserts or corrects the type of a message, or has it kept. */
export class CommitQuickFixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(
    private readonly messages: Messages,
    /** Command that runs a `KeepType`; not among those that people see. */
    private readonly keepCommand: string,
  ) {}

  provideCodeActions(document: vscode.TextDocument, _range: vscode.Range, { diagnostics }: vscode.CodeActionContext): vscode.CodeAction[] {
    const classified = this.messages.messageOf(document);
    const diagnostic = diagnostics.find(({ source }) => source === 'Glance');
    return classified?.verdict && diagnostic ? this.fixes(document, classified, diagnostic) : [];
  }

  private fixes(document: vscode.TextDocument, { message, conventions, decision }: ClassifiedMessage, diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
    const type = spellingOf(decision.label, conventions);
    const title = message.header ? vscode.l10n.t('Change type to "{0}"', type) : vscode.l10n.t('Insert type "{0}"', type);
    const fix = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    fix.edit = new vscode.WorkspaceEdit();
    const { range, text } = typeEdit(message, type);
    fix.edit.replace(document.uri, rangeIn(document, range), text);
    fix.isPreferred = true;
    fix.diagnostics = [diagnostic];
    if (!message.header) {
      return [fix];
    }
    const keep = new vscode.CodeAction(vscode.l10n.t('Keep type "{0}" for this message', message.header.type), vscode.CodeActionKind.QuickFix);
    keep.command = { command: this.keepCommand, title: keep.title, arguments: [document, message.header.type] };
    keep.diagnostics = [diagnostic];
    return [fix, keep];
  }
}
