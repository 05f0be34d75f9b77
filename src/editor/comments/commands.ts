import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { answerTitle, describeDecision, percent, shownConfidence } from '../../core/tasks/describe';
import type { Task } from '../../core/tasks/task';
import type { Engine } from '../../engine/engine';
import type { Settings } from '../settings';
import type { TaskChoice } from '../teach/task-choice';
import type { Commands } from '../surface';
import type { Classification, Classifications } from './classifications';
import { type FailureNotice } from './failure-notice';
import { offerLog } from '../offer-log';

/** What the commands work with. */
interface CommandContext {
  readonly engine: Engine;
  readonly classifications: Classifications;
  readonly settings: Settings;
  readonly failureNotice: FailureNotice;
  readonly choice: TaskChoice;
}

/** The commands on comments. */
export function commentCommands(context: CommandContext): Commands {
  return {
    'glance.classifySelection': (given?: { readonly task: string }) => classifySelection(context, given?.task),
    'glance.classifyFile': () => classifyFile(context),
  };
}

/** @param given name of the task, from a caller that is not to be asked. */
async function classifySelection({ engine, settings, choice }: CommandContext, given: string | undefined): Promise<Decision | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) {
    void vscode.window.showWarningMessage(vscode.l10n.t('Select some text in an editor first, then run "Glance: Classify Selection".'));
    return undefined;
  }
  const chosen = await choice.choose(given);
  if (!chosen) {
    return undefined;
  }
  const { task, asked } = chosen;
  const text = task.prepare({ text: editor.document.getText(editor.selection) });
  if (text === '') {
    void vscode.window.showWarningMessage(vscode.l10n.t('There are no words in the selection, only white space, comment markers or decoration.'));
    return undefined;
  }
  try {
    const [decision] = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Glance: classifying') }, () =>
      engine.classify({ task: asked, texts: [text], policy: settings.policy(editor.document) }),
    );
    if (decision) {
      void offerTrace(task, decision);
    }
    return decision;
  } catch (error) {
    void offerLog((error as Error).message);
    return undefined;
  }
}

async function classifyFile({ classifications, failureNotice }: CommandContext): Promise<Classification | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) {
    void vscode.window.showWarningMessage(vscode.l10n.t('Open a file first, then run "Glance: Classify File". (VS Code keeps files of 50 MB and more from extensions.)'));
    return undefined;
  }
  failureNotice.reset();
  const outcome = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Glance: classifying') }, () => classifications.classify(document));
  switch (outcome?.kind) {
    case 'done':
      void offerProblems(outcome.answer);
      return outcome.answer;
    case 'refused':
      void vscode.window.showWarningMessage(outcome.reason);
      return undefined;
    case 'failed':
      // The failure notice tells.
      return undefined;
    case undefined:
      // It was closed meanwhile, or is to be classified no more.
      return undefined;
  }
}

/** Shows an answer, with a way to what each exit said. */
export async function offerTrace(task: Task, decision: Decision): Promise<void> {
  const showTrace = vscode.l10n.t('Show Trace');
  if ((await vscode.window.showInformationMessage(describeDecision(task, decision), showTrace)) === showTrace) {
    await vscode.window.showQuickPick(
      decision.trace.map((answer) => ({
        label: vscode.l10n.t('Exit {0}', answer.exit),
        description: vscode.l10n.t('{0}, {1} sure', answerTitle(task, answer), percent(shownConfidence(task, answer))),
        detail: [answer.findingConfidence !== undefined && vscode.l10n.t('{0} sure of the label', percent(answer.confidence)), vscode.l10n.t('Entropy {0} nats', answer.entropy.toFixed(3)), answer.certainty !== undefined && vscode.l10n.t('{0} certain that the last exit agrees', percent(answer.certainty, 1))].filter(Boolean).join(', '),
      })),
      { title: `${describeDecision(task, decision)} (${decision.milliseconds.toFixed(1)} ms)`, placeHolder: vscode.l10n.t('What each exit answered') },
    );
  }
}

async function offerProblems({ comments, findings }: Classification): Promise<void> {
  const showProblems = vscode.l10n.t('Show Problems');
  const buttons = findings.length > 0 ? [showProblems] : [];
  const message = vscode.l10n.t('{0} of {1} comments admit debt.', findings.length, comments.length);
  if ((await vscode.window.showInformationMessage(message, ...buttons)) === showProblems) {
    await vscode.commands.executeCommand('workbench.actions.view.problems');
  }
}
