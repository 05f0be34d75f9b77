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
  return `Right for ${percent(last?.accuracy ?? 0)} of ${examples} examples, each left out in turn (on new texts, ${percent(low)} to ${percent(high)} with 95% confidence); always answering the commonest label is right for ${percent(baseline)}.`;
}

/** What the estimate means for the user of a task, in a sentence or two. */
export function verdict(estimate: Estimate): string {
  const weak = estimate.labels.filter(({ recall, precision }) => recall < 0.5 || precision < 0.5).map(({ label }) => `"${label}"`);
  if (!beatsBaseline(estimate)) {
    return 'It cannot be told from always answering the commonest label: do not rely on it yet. More examples, or labels that differ more, may help.';
  }
  return weak.length > 0 ? `It has learnt something, but not to tell ${weak.join(', ')} from the rest: half of those answers or more are wrong.` : 'It is better than always answering the commonest label.';
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
    'Each example was answered by heads that were trained without it. New texts may differ from the examples more than these differ from each other: then the task is less good than this.',
    ...(groups < examples ? ['', `${examples - groups} of the examples differ from another in digits, punctuation or case alone; those were left out together, and count once.`] : []),
    ...(remarks.length > 0 ? ['', ...remarks.map((remark) => `- ${escapeMarkdown(remark)}`)] : []),
    '',
    '## Exits',
    '',
    ...table(['Exit', 'Right', 'With 95% confidence', 'Macro F1'], exits.map(({ exit, accuracy, interval: [low, high], macroF1 }) => [`${exit} of ${lastExit}`, percent(accuracy), `${percent(low)} to ${percent(high)}`, percent(macroF1)])),
    '',
    '## Labels',
    '',
    ...table(
      ['Label', 'Examples', 'Found', 'Right where answered'],
      labels.map(({ label, examples: number, recall, precision }) => [label === silent ? `${label} (not reported)` : label, String(number), percent(recall), percent(precision)]),
    ),
    '',
    '## What was taken for what',
    '',
    ...table(['Is', ...labels.map(({ label }) => `answered ${label}`)], confusion.map((row, index) => [labels[index]?.label ?? '', ...row.map(String)])),
    ...(suspects.length > 0
      ? [
          '',
          '## Examples at odds with the rest',
          '',
          'Their label may be wrong, or there are too few examples like them.',
          '',
          ...table(['Text', 'Labelled', 'By the others'], suspects.map(({ text, label, answer, confidence }) => [excerpt(text, 80), label, `${answer} (${percent(confidence)} sure)`])),
        ]
      : []),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head.map(escapeMarkdown)), line(head.map(() => ':--')), ...rows.map((row) => line(row.map(escapeMarkdown)))];
}
