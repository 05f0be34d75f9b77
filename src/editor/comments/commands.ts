import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { answerTitle, describeDecision, percent } from '../../core/tasks/describe';
import type { Engine } from '../../engine/engine';
import type { Settings } from '../settings';
import type { Commands } from '../surface';
import type { Classification, Classifications } from './classifications';
import { offerLog, type FailureNotice } from './failure-notice';

/** What the commands work with. */
interface CommandContext {
  readonly engine: Engine;
  readonly classifications: Classifications;
  readonly settings: Settings;
  readonly failureNotice: FailureNotice;
}

/** The commands on comments. */
export function commentCommands(context: CommandContext): Commands {
  return {
    'glance.classifySelection': () => classifySelection(context),
    'glance.classifyFile': () => classifyFile(context),
  };
}

async function classifySelection({ engine, settings }: CommandContext): Promise<Decision | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) {
    void vscode.window.showWarningMessage('Select some text in an editor first, then run "Glance: Classify Selection".');
    return undefined;
  }
  const text = COMMENT_DEBT.prepare({ text: editor.document.getText(editor.selection) });
  if (text === '') {
    void vscode.window.showWarningMessage('There are no words in the selection, only white space, comment markers or decoration.');
    return undefined;
  }
  try {
    const [decision] = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Glance: classifying' }, () =>
      engine.classify({ task: COMMENT_DEBT.id, texts: [text], policy: settings.policy(editor.document) }),
    );
    if (decision) {
      void offerTrace(decision);
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
    void vscode.window.showWarningMessage('Open a file first, then run "Glance: Classify File". (VS Code keeps files of 50 MB and more from extensions.)');
    return undefined;
  }
  failureNotice.reset();
  const outcome = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Glance: classifying' }, () => classifications.classify(document));
  switch (outcome?.kind) {
    case 'done':
      void offerProblems(outcome.classification);
      return outcome.classification;
    case 'refused':
      void vscode.window.showWarningMessage(outcome.reason);
      return undefined;
    case 'failed':
      // The failure notice tells.
      return undefined;
    case undefined:
      // An edit overtook the request; the edited document is classified by itself.
      return undefined;
  }
}

/** Shows an answer, with a way to what each exit said. */
export async function offerTrace(decision: Decision): Promise<void> {
  const showTrace = 'Show Trace';
  if ((await vscode.window.showInformationMessage(describeDecision(COMMENT_DEBT, decision), showTrace)) === showTrace) {
    await vscode.window.showQuickPick(
      decision.trace.map((answer) => ({
        label: `Exit ${answer.exit}`,
        description: `${answerTitle(COMMENT_DEBT, answer)}, ${percent(answer.confidence)} sure`,
        detail: [`Entropy ${answer.entropy.toFixed(3)} nats`, answer.certainty !== undefined && `${percent(answer.certainty, 1)} certain that the last exit agrees`].filter(Boolean).join(', '),
      })),
      { title: `${describeDecision(COMMENT_DEBT, decision)} (${decision.milliseconds.toFixed(1)} ms)`, placeHolder: 'What each exit answered' },
    );
  }
}

async function offerProblems({ comments, findings }: Classification): Promise<void> {
  const showProblems = 'Show Problems';
  const buttons = findings.length > 0 ? [showProblems] : [];
  const message = `${findings.length} of ${comments.length} comments admit debt.`;
  if ((await vscode.window.showInformationMessage(message, ...buttons)) === showProblems) {
    await vscode.commands.executeCommand('workbench.actions.view.problems');
  }
}
