import * as vscode from 'vscode';
import { COMMIT_TYPE, MAXIMUM_PATHS } from '../../core/tasks/commit-type';
import { explain } from '../explanation';
import { typeRange } from './diagnostics';
import type { Messages } from './messages';

/** Says of a message's type why it was decided so: what each exit answered, up to the one taken, and what the model had read. */
export class CommitHover implements vscode.HoverProvider {
  constructor(private readonly messages: Messages) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const classified = this.messages.messageOf(document);
    if (!classified) {
      return undefined;
    }
    const { decision, promise, paths } = classified;
    const range = typeRange(document, classified);
    const read = paths.length === 0 ? vscode.l10n.t('Read: the message') : vscode.l10n.t('Read: the message and the kinds of the changed files ({0})', Math.min(paths.length, MAXIMUM_PATHS));
    return range.contains(position) ? new vscode.Hover(explain(COMMIT_TYPE, decision, promise, read), range) : undefined;
  }
}
