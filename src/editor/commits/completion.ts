import * as vscode from 'vscode';
import { spellingOf } from '../../core/commits/conventions';
import { isChecked } from '../../core/commits/verdict';
import { parseCommitMessage } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE, labelOfType } from '../../core/tasks/commit-type';
import { percent } from '../../core/tasks/describe';
import type { Settings } from '../settings';
import type { CommitClassifier, RankedLabel } from './commit-classifier';
import type { Messages } from './messages';

/** Offers the types at the start of a message, the most probable first. */
export class TypeCompletion implements vscode.CompletionItemProvider {
  constructor(
    private readonly messages: Messages,
    private readonly classifier: CommitClassifier,
    private readonly settings: Settings,
  ) {}

  async provideCompletionItems(document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.CompletionItem[]> {
    const situated = await this.messages.situate(document);
    const { message: written, conventions, scope } = situated;
    const { header, subjectRange: { start } } = written;
    const source = document.getText();
    const cursor = document.offsetAt(position);
    const end = header?.typeRange.end ?? cursor;
    const atStart = cursor >= start && cursor <= end && /^[\p{L}\p{N}_-]*$/u.test(source.slice(start, cursor));
    // What is being typed may become a type: a history that tells nothing is no reason to be silent.
    const terms = { check: this.settings.commitCheck(scope), conventions: conventions ?? { conventional: true, types: [] } };
    if (!atStart || written.madeByGit || !isChecked(written, terms)) {
      return [];
    }
    // The word before the cursor is to become the type.
    const message = header ? written : parseCommitMessage(source.slice(0, start) + source.slice(cursor), document.languageId === 'git-commit');
    const ranking = await this.rank({ message, paths: situated.paths, scope }, token);
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const own = (conventions?.types ?? []).filter((type) => labelOfType(type) === undefined);
    return [
      ...ranking.map(({ label, probability }, index) => {
        const item = new vscode.CompletionItem({ label: spellingOf(label, conventions), description: percent(probability) }, vscode.CompletionItemKind.EnumMember);
        const { title, description } = COMMIT_TYPE.labels[label] ?? {};
        item.detail = vscode.l10n.t('{0}, {1} sure', title ?? label, percent(probability));
        item.documentation = description ?? '';
        item.preselect = index === 0;
        return item;
      }),
      ...own.map((type) => {
        const item = new vscode.CompletionItem(type, vscode.CompletionItemKind.EnumMember);
        item.detail = vscode.l10n.t('A type of this project');
        return item;
      }),
    ].map((item, index) => {
      item.range = range;
      item.insertText = `${typeof item.label === 'string' ? item.label : item.label.label}${header ? '' : ': '}`;
      item.sortText = String(index).padStart(3, '0');
      return item;
    });
  }

  private async rank(asked: Parameters<CommitClassifier['classify']>[0], token: vscode.CancellationToken): Promise<readonly RankedLabel[]> {
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      return (await this.classifier.classify(asked, controller.signal)).ranking;
    } finally {
      subscription.dispose();
    }
  }
}
