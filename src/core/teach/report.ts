import * as l10n from '@vscode/l10n';
import { percent } from '../tasks/describe';
import { escapeMarkdown } from '../tasks/markdown';
import { beatsBaseline, type Estimate } from './estimate';
import { excerpt } from './examples';

/** What a reader needs to know of a task besides its estimate. */
export interface ReportOf {
  readonly title: string;
  readonly silent: string | null;
  /** Sentences on repeated, contradicting and empty examples. */
  readonly remarks: readonly string[];
}

/** The estimate in one sentence: "Right for 87% of 46 examples when each is left out (74% to 94%); always answering the commonest label would be right for 52%." */
export function describeEstimate({ exits, baseline, labels }: Estimate): string {
  const last = exits.at(-1);
  const examples = labels.reduce((sum, label) => sum + label.examples, 0);
  const [low, high] = last?.interval ?? [0, 0];
  return l10n.t(
    'Right for {0} of {1} examples, each left out in turn (on new texts, {2} to {3} with 95% confidence); always answering the commonest label is right for {4}.',
    percent(last?.accuracy ?? 0),
    examples,
    percent(low),
    percent(high),
    percent(baseline),
  );
}

/** What the estimate means for the user of a task, in a sentence or two. */
export function verdict(estimate: Estimate): string {
  const weak = estimate.labels.filter(({ recall, precision }) => recall < 0.5 || precision < 0.5).map(({ label }) => `"${label}"`);
  if (!beatsBaseline(estimate)) {
    return l10n.t('It cannot be told from always answering the commonest label: do not rely on it yet. More examples, or labels that differ more, may help.');
  }
  return weak.length > 0
    ? l10n.t('It has learnt something, but not to tell {0} from the rest: half of those answers or more are wrong.', weak.join(', '))
    : l10n.t('It is better than always answering the commonest label.');
}

/** The whole report in Markdown, which can also be read as it is. */
export function reportMarkdown({ title, silent, remarks }: ReportOf, estimate: Estimate): string {
  const { exits, labels, confusion, suspects, groups } = estimate;
  const lastExit = exits.length - 1;
  const examples = labels.reduce((sum, label) => sum + label.examples, 0);
  return [
    `# ${escapeMarkdown(title)}`,
    '',
    verdict(estimate),
    '',
    describeEstimate(estimate),
    '',
    l10n.t('Each example was answered by heads that were trained without it. New texts may differ from the examples more than these differ from each other: then the task is less good than this.'),
    ...(groups < examples ? ['', l10n.t('{0} of the examples differ from another in digits, punctuation or case alone; those were left out together, and count once.', examples - groups)] : []),
    ...(remarks.length > 0 ? ['', ...remarks.map((remark) => `- ${escapeMarkdown(remark)}`)] : []),
    '',
    `## ${l10n.t('Exits')}`,
    '',
    ...table([l10n.t('Exit'), l10n.t('Right'), l10n.t('With 95% confidence'), l10n.t('Macro F1')], exits.map(({ exit, accuracy, interval: [low, high], macroF1 }) => [l10n.t('{0} of {1}', exit, lastExit), percent(accuracy), l10n.t('{0} to {1}', percent(low), percent(high)), percent(macroF1)])),
    '',
    `## ${l10n.t('Labels')}`,
    '',
    ...table(
      [l10n.t('Label'), l10n.t('Examples'), l10n.t('Found'), l10n.t('Right where answered')],
      labels.map(({ label, examples: number, recall, precision }) => [label === silent ? l10n.t('{0} (not reported)', label) : label, String(number), percent(recall), percent(precision)]),
    ),
    '',
    `## ${l10n.t('What was taken for what')}`,
    '',
    ...table([l10n.t('Is'), ...labels.map(({ label }) => l10n.t('answered {0}', label))], confusion.map((row, index) => [labels[index]?.label ?? '', ...row.map(String)])),
    ...(suspects.length > 0
      ? [
          '',
          `## ${l10n.t('Examples at odds with the rest')}`,
          '',
          l10n.t('Their label may be wrong, or there are too few examples like them.'),
          '',
          ...table([l10n.t('Text'), l10n.t('Labelled'), l10n.t('By the others')], suspects.map(({ text, label, answer, confidence }) => [excerpt(text, 80), label, l10n.t('{0} ({1} sure)', answer, percent(confidence))])),
        ]
      : []),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head.map(escapeMarkdown)), line(head.map(() => ':--')), ...rows.map((row) => line(row.map(escapeMarkdown)))];
}
