import * as vscode from 'vscode';
import type { Decision } from '../core/exits/decision';
import { COMMENT_DEBT } from '../core/tasks/comment-debt';
import { labelTitle, percent } from '../core/tasks/describe';
import type { Classifications } from './classifications';

/** Says of a finding why it was decided so: what each exit answered, up to the one taken. */
export class FindingHover implements vscode.HoverProvider {
  constructor(private readonly classifications: Classifications) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const outcome = this.classifications.of(document);
    const findings = outcome?.kind === 'done' ? outcome.classification.findings : [];
    const finding = findings.find(({ range }) => range.contains(position));
    return finding && new vscode.Hover(explain(finding.decision), finding.range);
  }
}

function explain({ label, trace, lastExit, milliseconds, engine }: Decision): vscode.MarkdownString {
  const rows = trace.map((answer) => `| ${answer.exit} of ${lastExit} | ${labelTitle(COMMENT_DEBT, answer.label)} | ${percent(answer.confidence)} |`);
  return new vscode.MarkdownString(
    [
      // The end of a hover may have to be scrolled to: what differs from text to text stands first.
      `Decided in ${milliseconds.toFixed(1)} ms, ${engine} engine`,
      '',
      '| Exit | Label | Confidence |',
      '|:--|:--|--:|',
      ...rows,
      '',
      COMMENT_DEBT.labels[label]?.description ?? '',
    ].join('\n'),
  );
}
