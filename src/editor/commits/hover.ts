import * as vscode from 'vscode';
import { describePromise } from '../../core/exits/promise';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import { answerTitle, percent } from '../../core/tasks/describe';
import { typeRange } from './diagnostics';
import type { ClassifiedMessage, Messages } from './messages';

/** Says of a message's type why it was decided so: what each exit answered, up to the one taken, and what the model had read. */
export class CommitHover implements vscode.HoverProvider {
  constructor(private readonly messages: Messages) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const classified = this.messages.of(document);
    if (!classified) {
      return undefined;
    }
    const range = typeRange(document, classified);
    return range.contains(position) ? new vscode.Hover(explain(classified), range) : undefined;
  }
}

function explain({ decision: { label, trace, lastExit, milliseconds, engine }, paths, promise }: ClassifiedMessage): vscode.MarkdownString {
  const rows = trace.map((answer) => {
    const certainty = answer.certainty === undefined ? '' : percent(answer.certainty, 1);
    // A hover in the Source Control view is narrow.
    return `| ${answer.exit}\u00a0of\u00a0${lastExit} | ${answerTitle(COMMIT_TYPE, answer)} | ${percent(answer.confidence)} | ${certainty} |`;
  });
  const read = paths.length === 0 ? vscode.l10n.t('from the message alone') : vscode.l10n.t('from the message and the changed paths ({0})', paths.length);
  return new vscode.MarkdownString(
    [
      vscode.l10n.t('Decided in {0} ms, {1} engine, {2}', milliseconds.toFixed(1), engine, read),
      '',
      `| ${[vscode.l10n.t('Exit'), vscode.l10n.t('Type'), vscode.l10n.t('Confidence'), vscode.l10n.t('Last exit agrees')].join(' | ')} |`,
      '|:--|:--|--:|--:|',
      ...rows,
      '',
      COMMIT_TYPE.labels[label]?.description ?? '',
      ...(promise ? ['', describePromise(promise)] : []),
    ].join('\n'),
  );
}
