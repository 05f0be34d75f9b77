import * as l10n from '@vscode/l10n';
import { excerptOf } from '../findings/finding';
import { LEAST_EXAMPLES, prepareFor, type Example, type TaughtTask } from './taught-task';

/** What is said of the examples of a task before they are trained. */
export interface Review {
  /** As the model reads them, without those that say nothing and those that repeat another. */
  readonly examples: readonly Example[];
  /** How many different examples each label has, in order of label. */
  readonly labels: readonly { readonly label: string; readonly examples: number }[];
  /** What is missing before it can be trained, in sentences; nothing when it can be. */
  readonly missing: readonly string[];
  /** What its user should look at, in sentences: repeated, contradicting and empty examples. */
  readonly remarks: readonly string[];
}

/** How many of the texts that have different labels are quoted. */
const QUOTED = 3;

/** Looks over the examples of a task. */
export function review({ texts, silent, examples }: Pick<TaughtTask, 'texts' | 'silent' | 'examples'>): Review {
  const prepare = prepareFor(texts);
  const prepared = examples.map(({ text, label }) => ({ text: prepare({ text }), label }));
  const words = prepared.filter(({ text }) => text !== '');
  const byText = new Map<string, Set<string>>();
  const kept = words.filter(({ text, label }) => {
    const labels = byText.get(text) ?? new Set();
    byText.set(text, labels);
    return !labels.has(label) && labels.add(label);
  });
  const labels = countLabels(kept);
  return { examples: kept, labels, missing: missingOf(kept, labels, silent), remarks: remarksOf(prepared.length - words.length, words.length - kept.length, byText) };
}

function countLabels(examples: readonly Example[]): Review['labels'] {
  const counts = new Map<string, number>();
  examples.forEach(({ label }) => counts.set(label, (counts.get(label) ?? 0) + 1));
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, number]) => ({ label, examples: number }));
}

function missingOf(examples: readonly Example[], labels: Review['labels'], silent: string | null): string[] {
  const few = labels.filter(({ examples }) => examples < LEAST_EXAMPLES);
  return [
    ...(labels.length === 0 ? [l10n.t('It needs two labels at least, and has none.')] : []),
    ...(labels.length === 1 ? [l10n.t('It needs two labels at least, and has only "{0}".', labels[0]?.label ?? '')] : []),
    ...(silent !== null && !labels.some(({ label }) => label === silent) ? [l10n.t('"{0}", the label that is not reported, has no examples.', silent)] : []),
    ...few.map(({ label, examples: number }) => l10n.t('"{0}" has {1} of the {2} different examples that it needs.', label, number, LEAST_EXAMPLES)),
    // Left out together, they would leave nothing to estimate by.
    ...(labels.length > 1 && groupsOf(examples).length === 1 ? [l10n.t('Its examples differ in digits, punctuation and case alone: it needs some with other words.')] : []),
  ];
}

function remarksOf(empty: number, repeated: number, byText: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const contradicting = [...byText].filter(([, labels]) => labels.size > 1);
  const quoted = contradicting.slice(0, QUOTED).map(([text, labels]) => `${excerpt(text)} (${[...labels].sort().join(', ')})`);
  return [
    ...(empty > 0 ? [l10n.t('Examples without words, which were left out: {0}.', empty)] : []),
    ...(repeated > 0 ? [l10n.t('Repeated examples, which count once: {0}.', repeated)] : []),
    ...(contradicting.length > 0 ? [l10n.t('Texts that have different labels: {0}, as in {1}.', contradicting.length, quoted.join('; '))] : []),
  ];
}

/**
 * Groups examples that are as good as the same text: those that differ in nothing but digits, punctuation and case. To leave one
 * of them out and ask for its label while another is in would flatter.
 * @returns indices of each group's examples, in order.
 */
export function groupsOf(examples: readonly Pick<Example, 'text'>[]): number[][] {
  const groups = new Map<string, number[]>();
  examples.forEach(({ text }, index) => {
    const letters = text.toLowerCase().match(/\p{L}+/gu)?.join(' ') ?? '';
    const key = letters === '' ? text : letters;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return [...groups.values()];
}

/** The beginning of a text, in one line and in quotation marks. */
export function excerpt(text: string, characters = 60): string {
  return `"${excerptOf(text.replace(/[\s\p{Cc}]+/gu, ' ').trim(), characters)}"`;
}
