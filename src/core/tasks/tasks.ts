import * as l10n from '@vscode/l10n';
import { COMMENT_DEBT } from './comment-debt';
import { COMMENT_KIND } from './comment-kind';
import { COMMIT_TYPE } from './commit-type';
import { DOC_SECTION } from './doc-section';
import type { Task } from './task';

/** Every task, the default first. */
export const TASKS: readonly [Task, ...Task[]] = [COMMENT_DEBT, COMMIT_TYPE, DOC_SECTION, COMMENT_KIND];

/** The task with this identifier. @throws {RangeError} with a message for the user when there is none. */
export function taskById(id: string): Task {
  const task = TASKS.find((candidate) => candidate.id === id);
  if (!task) {
    throw new RangeError(l10n.t('There is no task "{0}"; there is {1}.', id, TASKS.map((known) => known.id).join(', ')));
  }
  return task;
}
