import type { Decision } from '../exits/decision';
import type { CommitMessage } from '../sources/commits/commit-message';
import { labelOfType } from '../tasks/commit-type';
import { percent } from '../tasks/describe';

/** Headings by label, in the order in which readers of release notes want them. */
const HEADINGS: ReadonlyMap<string, string> = new Map([
  ['feat', 'Features'],
  ['fix', 'Fixes'],
  ['perf', 'Performance'],
  ['revert', 'Reverted'],
  ['docs', 'Documentation'],
  ['refactor', 'Refactoring'],
  ['test', 'Tests'],
  ['build', 'Build'],
  ['ci', 'Continuous integration'],
  ['style', 'Style'],
  ['chore', 'Chores'],
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
  const sections = new Map<string, string[]>([...HEADINGS.values()].map((heading) => [heading, []]));
  for (const entry of entries) {
    const heading = headingOf(entry);
    sections.set(heading, [...(sections.get(heading) ?? []), line(entry)]);
  }
  const breaking = entries.filter(({ message }) => message.breaking).map(line);
  return [
    `# Release notes: ${escaped(project)}`,
    '',
    summary(entries, leftOut),
    ...[['Breaking changes', breaking] as const, ...sections].flatMap(([heading, lines]) => (lines.length > 0 ? ['', `## ${escaped(heading)}`, '', ...lines] : [])),
    '',
  ].join('\n');
}

function headingOf({ message: { header, madeByGit }, decision }: HistoryEntry): string {
  const label = madeByGit ? 'revert' : header ? labelOfType(header.type) : decision?.label;
  return (label !== undefined ? HEADINGS.get(label) : undefined) ?? header?.type ?? label ?? 'Others';
}

function line({ hash, message: { header, subject }, decision }: HistoryEntry): string {
  const scope = header?.scope ? `**${escaped(header.scope)}:** ` : '';
  const predicted = decision ? ` *(predicted, ${percent(decision.confidence)} sure)*` : '';
  return `- ${scope}${escaped(header ? header.description : subject)} (${hash.slice(0, 7)})${predicted}`;
}

function summary(entries: readonly HistoryEntry[], leftOut: number): string {
  const predicted = entries.filter(({ decision }) => decision).length;
  const range = entries.length > 0 ? `, ${entries.at(-1)?.hash.slice(0, 7)} to ${entries[0]?.hash.slice(0, 7)}` : '';
  const sentences = [
    `Drafted by Glance from the last ${entries.length + leftOut} commits${range}.`,
    `Types given by their authors: ${entries.filter(({ message }) => message.header).length}.`,
    predicted > 0 && `Predicted, and marked so: ${predicted}; read those before you publish.`,
    leftOut > 0 && `Left out, as merges or to be squashed: ${leftOut}.`,
  ];
  return sentences.filter(Boolean).join(' ');
}

/** Text that Markdown shows as it is, except that it may have code in it. */
function escaped(text: string): string {
  return text.split(/(`[^`]*`)/u).map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\*_[\]<>]/gu, String.raw`\$&`))).join('');
}
