import * as vscode from 'vscode';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import type { Task } from '../../core/tasks/task';
import { TASKS } from '../../core/tasks/tasks';
import { sampleComments } from './comment-sample';
import { sampleCommits } from './commit-sample';
import type { TakeSample } from './sample';
import { sampleSections } from './section-sample';

/** A kind of text that a workspace has: how a sample of it is taken, and the words for it. Numbers are handed in as people read them. */
export interface Kind {
  readonly sample: TakeSample;
  /** In the choice of kinds. */
  readonly title: () => string;
  /** What measuring would tell. */
  readonly offer: () => string;
  /** On the button that measures. */
  readonly measure: () => string;
  readonly finding: (found: string, most: string) => string;
  /** All texts that there are. @param from where, as a sample says it. */
  readonly all: (texts: string, from: string) => string;
  /** A part of them. */
  readonly some: (texts: string, from: string) => string;
  /** Above the list of those whose answer would change. */
  readonly changed: () => string;
  /** The same where the list has not all of them. */
  readonly changedInPart: (listed: string, all: string) => string;
}

export const COMMENTS: Kind = {
  sample: sampleComments,
  title: () => vscode.l10n.t('Comments'),
  offer: () => vscode.l10n.t('Glance can classify a sample of the comments in this workspace at full depth, and tell what each level would have changed and saved.'),
  measure: () => vscode.l10n.t('Measure My Comments'),
  finding: (found, most) => vscode.l10n.t('Reading files: {0} comments of at most {1} found', found, most),
  all: (texts, from) => vscode.l10n.t('All {0} distinct comments in {1}', texts, from),
  some: (texts, from) => vscode.l10n.t('A sample of {0} distinct comments from {1}', texts, from),
  changed: () => vscode.l10n.t('Comments whose answer would change'),
  changedInPart: (listed, all) => vscode.l10n.t('Comments whose answer would change, {0} of {1}', listed, all),
};

const COMMITS: Kind = {
  sample: sampleCommits,
  title: () => vscode.l10n.t('Commit messages'),
  offer: () => vscode.l10n.t('Glance can classify the last commits of this workspace at full depth, by their messages and the kinds of the files that they change, and tell what each level would have changed and saved.'),
  measure: () => vscode.l10n.t('Measure My Commits'),
  finding: (found, most) => vscode.l10n.t('Reading the history: {0} of {1} commits', found, most),
  all: (texts, from) => vscode.l10n.t('All {0} distinct commits of {1}, without merges', texts, from),
  some: (texts, from) => vscode.l10n.t('The last {0} distinct commits of {1}, without merges', texts, from),
  changed: () => vscode.l10n.t('Commits whose answer would change'),
  changedInPart: (listed, all) => vscode.l10n.t('Commits whose answer would change, {0} of {1}', listed, all),
};

const SECTIONS: Kind = {
  sample: sampleSections,
  title: () => vscode.l10n.t('Sections of Markdown documents'),
  offer: () => vscode.l10n.t('Glance can classify a sample of the sections of Markdown files in this workspace at full depth, and tell what each level would have changed and saved.'),
  measure: () => vscode.l10n.t('Measure My Documents'),
  finding: (found, most) => vscode.l10n.t('Reading files: {0} sections of at most {1} found', found, most),
  all: (texts, from) => vscode.l10n.t('All {0} distinct sections in {1}', texts, from),
  some: (texts, from) => vscode.l10n.t('A sample of {0} distinct sections from {1}', texts, from),
  changed: () => vscode.l10n.t('Sections whose answer would change'),
  changedInPart: (listed, all) => vscode.l10n.t('Sections whose answer would change, {0} of {1}', listed, all),
};

/** By what a task's texts are. */
const KINDS: ReadonlyMap<Task['texts'], Kind> = new Map([
  [COMMENT_DEBT.texts, COMMENTS],
  [COMMIT_TYPE.texts, COMMITS],
  [DOC_SECTION.texts, SECTIONS],
]);

/** A task of the model by its identifier, with the kind of its texts; nothing for a task that Glance does not know. */
export function taskWithKind(id: string): { readonly task: Task; readonly kind: Kind } | undefined {
  const task = TASKS.find((known) => known.id === id);
  const kind = task && KINDS.get(task.texts);
  return kind && { task, kind };
}
