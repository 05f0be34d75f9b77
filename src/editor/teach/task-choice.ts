import * as vscode from 'vscode';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import type { Task } from '../../core/tasks/task';
import { review } from '../../core/teach/examples';
import { nameFor, taskOf, type TaughtTask } from '../../core/teach/taught-task';
import type { TaughtFiles } from './taught-files';

/** Where the last choice is kept. */
const LAST = 'glance.lastTask';

/** What to classify for: how it is shown, and how the engine is asked. */
export interface ChosenTask {
  readonly task: Task;
  readonly asked: string | TaughtTask;
}

/** Debt in comments. */
export const DEBT: ChosenTask = { task: COMMENT_DEBT, asked: COMMENT_DEBT.id };

/** What classifying for a taught task takes. */
export function chosen(task: TaughtTask): ChosenTask {
  return { task: taskOf(task), asked: task };
}

/** Asks what a selection is to be classified for, where something was taught. */
export class TaskChoice {
  constructor(
    private readonly files: TaughtFiles,
    private readonly memento: vscode.Memento,
  ) {}

  /**
   * @param given name of a task, from a caller that is not to be asked.
   * @returns nothing when its user has had enough, or there is no task of that name.
   */
  async choose(given?: string): Promise<ChosenTask | undefined> {
    const taught = (await this.files.tasks()).map(({ task }) => task).filter((task) => review(task).missing.length === 0);
    const choices = [
      { label: vscode.l10n.t('Debt'), description: vscode.l10n.t('in comments'), chosen: DEBT },
      ...taught.map((task) => ({ label: task.title, description: vscode.l10n.t('taught'), chosen: chosen(task) })),
    ];
    if (given !== undefined) {
      return choices.find(({ chosen: { task } }) => task.id === given || task.id === nameFor(given))?.chosen;
    }
    if (taught.length === 0) {
      return DEBT;
    }
    const last = this.memento.get<string>(LAST);
    // The first is picked by pressing Enter.
    choices.sort((a, b) => Number(b.chosen.task.id === last) - Number(a.chosen.task.id === last));
    const picked = await vscode.window.showQuickPick(choices, { title: vscode.l10n.t('Classify Selection'), placeHolder: vscode.l10n.t('Classify for what?') });
    await (picked && this.memento.update(LAST, picked.chosen.task.id));
    return picked?.chosen;
  }
}
