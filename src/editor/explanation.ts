import * as vscode from 'vscode';
import type { Decision, ExitAnswer } from '../core/exits/decision';
import { describePromise, type KeptPromise } from '../core/exits/promise';
import { answerTitle, percent } from '../core/tasks/describe';
import { escapeMarkdown } from '../core/tasks/markdown';
import type { Task } from '../core/tasks/task';

/** Width of the bar of a whole, in spaces: screen readers pass over them, and the number stands beside the bar. */
const BAR = 18;

/**
 * Why a text was decided so, for a hover: what each exit answered, up to the one taken.
 * @param read what the model had read, where that is not plain to see.
 */
export function explain(task: Task, decision: Decision, promise: KeptPromise | undefined, read?: string): vscode.MarkdownString {
  const { labels, exit, lastExit, trace, milliseconds, engine, findingConfidence } = decision;
  const hasFindings = findingConfidence !== undefined;
  const markdown = new vscode.MarkdownString(
    [
      // The end of a hover may have to be scrolled to: what differs from text to text stands first.
      vscode.l10n.t('Left at exit {0} of {1} after {2} ms, {3} engine', exit, lastExit, milliseconds.toFixed(1), engine),
      ...(read === undefined ? [] : ['', read]),
      '',
      `| ${[vscode.l10n.t('Exit'), vscode.l10n.t('Label'), vscode.l10n.t('Confidence'), ...(hasFindings ? [vscode.l10n.t('Finding')] : []), '', vscode.l10n.t('Last exit agrees')].join(' | ')} |`,
      `|:--|:--|--:|${hasFindings ? '--:|' : ''}:--|--:|`,
      ...trace.map((answer) => row(task, answer, decision)),
      '',
      ...labels.map((label) => `${escapeMarkdown(task.labels[label]?.description ?? '')}\n`),
      ...(promise ? [describePromise(promise)] : []),
    ].join('\n'),
  );
  markdown.supportHtml = true;
  return markdown;
}

function row(task: Task, answer: ExitAnswer, { exit, lastExit }: Decision): string {
  // Hovers may be narrow, and a name of two words would be broken first.
  const name = answer.exit === exit ? vscode.l10n.t('{0}, taken', answer.exit).replaceAll(' ', '\u00a0') : String(answer.exit);
  const certainty = answer.certainty !== undefined ? percent(answer.certainty, 1) : answer.exit === lastExit ? vscode.l10n.t('is the last') : '';
  const { confidence, findingConfidence } = answer;
  const finding = findingConfidence === undefined ? [] : [percent(findingConfidence)];
  return `| ${[name, escapeMarkdown(answerTitle(task, answer)), percent(confidence), ...finding, bar(findingConfidence ?? confidence), certainty].join(' | ')} |`;
}

/** A bar in the colours of the theme. Of a style, VS Code lets through but these colours, spelt just so. */
function bar(share: number): string {
  const filled = Math.round(share * BAR);
  return piece('charts-blue', filled) + piece('widget-border', BAR - filled);
}

function piece(color: string, width: number): string {
  return width === 0 ? '' : `<span style="background-color:var(--vscode-${color});">${'&nbsp;'.repeat(width)}</span>`;
}
