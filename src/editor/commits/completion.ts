import * as vscode from 'vscode';
import { spellingOf, type Conventions } from '../../core/commits/conventions';
import { isChecked } from '../../core/commits/verdict';
import { parseCommitMessage, saysEnough } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE, labelOfType } from '../../core/tasks/commit-type';
import { percent } from '../../core/tasks/describe';
import type { Settings } from '../settings';
import { withSignal } from '../with-signal';
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
    const { ranking } = await withSignal(token, (signal) => this.classifier.classify({ message, paths: situated.paths, scope }, signal));
    // The model never learnt from the kinds of the changed files alone: good for an order, no more.
    const sure = saysEnough(message);
    const own = (conventions?.types ?? []).filter((type) => labelOfType(type) === undefined);
    const items = [...ranking.map((ranked) => typeItem(ranked, conventions, sure)), ...own.map(ownItem)];
    items.forEach((item, index) => {
      item.range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      item.insertText = `${nameOf(item)}${header ? '' : ': '}`;
      item.sortText = String(index).padStart(3, '0');
      item.preselect = index === 0;
    });
    return items;
  }
}

/** @param sure whether there is enough to tell how sure the model is. */
function typeItem({ label, probability }: RankedLabel, conventions: Conventions | undefined, sure: boolean): vscode.CompletionItem {
  const { title = label, description = '' } = COMMIT_TYPE.labels[label] ?? {};
  const confidence = percent(probability);
  const item = new vscode.CompletionItem({ label: spellingOf(label, conventions), ...(sure ? { description: confidence } : {}) }, vscode.CompletionItemKind.EnumMember);
  item.detail = sure ? vscode.l10n.t('{0}, {1} sure', title, confidence) : title;
  item.documentation = description;
  return item;
}

function ownItem(type: string): vscode.CompletionItem {
  const item = new vscode.CompletionItem(type, vscode.CompletionItemKind.EnumMember);
  item.detail = vscode.l10n.t('A type of this project');
  return item;
}

function nameOf({ label }: vscode.CompletionItem): string {
  return typeof label === 'string' ? label : label.label;
}
