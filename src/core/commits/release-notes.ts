import * as l10n from '@vscode/l10n';
import type { Decision } from '../exits/decision';
import type { CommitMessage } from '../sources/commits/commit-message';
import { labelOfType } from '../tasks/commit-type';
import { percent } from '../tasks/describe';

/** Headings by label, in the order in which readers of release notes want them. */
const HEADINGS: ReadonlyMap<string, () => string> = new Map([
  ['feat', () => l10n.t('Features')],
  ['fix', () => l10n.t('Fixes')],
  ['perf', () => l10n.t('Performance')],
  ['revert', () => l10n.t('Reverted')],
  ['docs', () => l10n.t('Documentation')],
  ['refactor', () => l10n.t('Refactoring')],
  ['test', () => l10n.t('Tests')],
  ['build', () => l10n.t('Build')],
  ['ci', () => l10n.t('Continuous integration')],
  ['style', () => l10n.t('Style')],
  ['chore', () => l10n.t('Chores')],
]);

/** A commit of a history. */
export interface HistoryEntry {
  readonly hash: string;
  readonly message: CommitMessage;
  /** Where the author gave no type. */
  readonly decision?: Pick<Decision, 'label' | 'confidence'> | undefined;
}

/**
 * Drafts release notes in Markdown: breaking changes first, then a section for each type. A type of the author's wins; what was predicted says so,
 * and how sure the model was.
 * @param entries the newest first.
 * @param leftOut how many commits more there were, of merges and of commits to be squashed.
 */
export function draftReleaseNotes(project: string, entries: readonly HistoryEntry[], leftOut: number): string {
  const sections = new Map<string, string[]>([...HEADINGS.values()].map((heading) => [heading(), []]));
  for (const entry of entries) {
    const heading = headingOf(entry);
    sections.set(heading, [...(sections.get(heading) ?? []), line(entry)]);
  }
  const breaking = entries.filter(({ message }) => message.breaking).map(line);
  return [
    `# ${l10n.t('Release notes: {0}', escaped(project))}`,
    '',
    summary(entries, leftOut),
    ...[[l10n.t('Breaking changes'), breaking] as const, ...sections].flatMap(([heading, lines]) => (lines.length > 0 ? ['', `## ${escaped(heading)}`, '', ...lines] : [])),
    '',
  ].join('\n');
}

function headingOf({ message: { header, isRevert }, decision }: HistoryEntry): string {
  const label = isRevert ? 'revert' : header ? labelOfType(header.type) : decision?.label;
  return (label !== undefined ? HEADINGS.get(label)?.() : undefined) ?? header?.type ?? label ?? l10n.t('Others');
}

function line(entry: HistoryEntry): string {
  const { message: { header, subject }, decision } = entry;
  const scope = header?.scope ? `**${escaped(header.scope)}:** ` : '';
  const predicted = decision ? ` *(${l10n.t('predicted, {0} sure', percent(decision.confidence))})*` : '';
  return `- ${scope}${escaped(header ? header.description : subject)} (${abbreviated(entry)})${predicted}`;
}

function summary(entries: readonly HistoryEntry[], leftOut: number): string {
  const predicted = entries.filter(({ decision }) => decision).length;
  const typed = entries.filter(({ message }) => message.header).length;
  const [newest, oldest] = [entries[0], entries.at(-1)];
  const count = entries.length + leftOut;
  const sentences = [
    newest && oldest ? l10n.t('Drafted by Glance from the last {0} commits, {1} to {2}.', count, abbreviated(oldest), abbreviated(newest)) : l10n.t('Drafted by Glance from the last {0} commits.', count),
    l10n.t('Types given by their authors: {0}.', typed),
    predicted > 0 && l10n.t('Predicted, and marked so: {0}; read those before you publish.', predicted),
    leftOut > 0 && l10n.t('Left out, as merges or to be squashed: {0}.', leftOut),
  ];
  return sentences.filter(Boolean).join(' ');
}

function abbreviated({ hash }: HistoryEntry): string {
  return hash.slice(0, 7);
}

/** Text that Markdown shows as it is, except that it may have code in it. */
function escaped(text: string): string {
  return text.split(/(`[^`]*`)/u).map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\*_[\]<>]/gu, String.raw`\$&`))).join('');
}
