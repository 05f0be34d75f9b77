import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { describePromise, type KeptPromise } from '../../core/exits/promise';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { answerTitle, percent } from '../../core/tasks/describe';
import type { Classifications } from './classifications';

/** Says of a finding why it was decided so: what each exit answered, up to the one taken. */
export class FindingHover implements vscode.HoverProvider {
  constructor(private readonly classifications: Classifications) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const outcome = this.classifications.of(document);
    if (outcome?.kind !== 'done') {
      return undefined;
    }
    const { findings, promise } = outcome.classification;
    const finding = findings.find(({ range }) => range.contains(position));
    return finding && new vscode.Hover(explain(finding.decision, promise), finding.range);
  }
}

function explain({ label, trace, lastExit, milliseconds, engine }: Decision, promise: KeptPromise | undefined): vscode.MarkdownString {
  const rows = trace.map((answer) => {
    const certainty = answer.certainty === undefined ? '' : percent(answer.certainty, 1);
    return `| ${answer.exit} of ${lastExit} | ${answerTitle(COMMENT_DEBT, answer)} | ${percent(answer.confidence)} | ${certainty} |`;
  });
  return new vscode.MarkdownString(
    [
      // The end of a hover may have to be scrolled to: what differs from text to text stands first.
      `Decided in ${milliseconds.toFixed(1)} ms, ${engine} engine`,
      '',
      '| Exit | Label | Confidence | Last exit agrees |',
      '|:--|:--|--:|--:|',
      ...rows,
      '',
      COMMENT_DEBT.labels[label]?.description ?? '',
      ...(promise ? ['', describePromise(promise)] : []),
    ].join('\n'),
  );
}
