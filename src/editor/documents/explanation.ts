import * as vscode from 'vscode';
import { describePromise, type KeptPromise } from '../../core/exits/promise';
import { answerTitle, percent } from '../../core/tasks/describe';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import type { ClassifiedSection } from './documents';

/** Labels that are named beside a heading. */
const NAMED = 3;

/** "How · 93%", or "What + Why · 61%": what a section is about, the most probable label first, and how sure the model is of that one. */
export function sectionType({ decision, probabilities }: ClassifiedSection): string {
  const { confidence } = decision;
  const labels = [...decision.labels].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  return `${answerTitle(DOC_SECTION, { labels: labels.slice(0, NAMED) })}${labels.length > NAMED ? ' + …' : ''} · ${percent(confidence)}`;
}

/** Why a section was decided so: what each exit answered, up to the one taken. */
export function explain({ decision }: ClassifiedSection, promise: KeptPromise | undefined): vscode.MarkdownString {
  const { labels, trace, exit, lastExit, milliseconds, engine } = decision;
  const rows = trace.map((answer) => {
    const certainty = answer.certainty === undefined ? '' : percent(answer.certainty, 1);
    return `| ${vscode.l10n.t('{0} of {1}', answer.exit, lastExit)} | ${answerTitle(DOC_SECTION, answer)} | ${percent(answer.confidence)} | ${certainty} |`;
  });
  return new vscode.MarkdownString(
    [
      vscode.l10n.t('Left at exit {0} of {1} after {2} ms, {3} engine', exit, lastExit, milliseconds.toFixed(1), engine),
      '',
      `| ${vscode.l10n.t('Exit')} | ${vscode.l10n.t('Section')} | ${vscode.l10n.t('Confidence')} | ${vscode.l10n.t('Last exit agrees')} |`,
      '|:--|:--|--:|--:|',
      ...rows,
      '',
      ...labels.map((label) => `${DOC_SECTION.labels[label]?.description ?? label}\n`),
      promise ? describePromise(promise) : '',
    ].join('\n'),
  );
}
