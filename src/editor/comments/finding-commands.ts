import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { describeDecision } from '../../core/tasks/describe';
import type { Commands } from '../surface';
import type { Classifications, Finding } from './classifications';
import { offerTrace } from './commands';
import { offerLog } from '../offer-log';
import type { NotDebt } from '../findings/not-debt';

/** What the commands work with. */
interface FindingContext {
  readonly classifications: Classifications;
  readonly notDebt: NotDebt;
}

/** How long the status bar says what was done, in milliseconds. */
const SAID_FOR = 8000;

/**
 * The commands on one finding: the one at a place, as quick fixes name it, or at the cursor. They return what they found.
 * Undone by a command as well: what was said to be no debt.
 */
export function findingCommands({ classifications, notDebt }: FindingContext): Commands {
  const onFinding =
    <Result>(act: (document: vscode.TextDocument, finding: Finding) => Promise<Result>) =>
    async (uri?: vscode.Uri, position?: vscode.Position): Promise<Result | undefined> => {
      const found = findingAt(classifications, uri, position);
      if (!found) {
        void vscode.window.showWarningMessage(vscode.l10n.t('Put the cursor into a comment that Glance reports first.'));
        return undefined;
      }
      return act(found.document, found.finding);
    };
  return {
    'glance.notDebt': onFinding((_, { text }) => sayNotDebt(notDebt, text)),
    'glance.classifyAtFullDepth': onFinding((document, finding) => classifyAtFullDepth(classifications, document, finding)),
    'glance.copyFinding': onFinding(copy),
    'glance.forgetNotDebt': () => forget(notDebt),
  };
}

function findingAt(classifications: Classifications, uri: vscode.Uri | undefined, position: vscode.Position | undefined): { document: vscode.TextDocument; finding: Finding } | undefined {
  const editor = vscode.window.activeTextEditor;
  const document = uri ? vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString()) : editor?.document;
  const place = position ?? editor?.selection.active;
  const outcome = document && classifications.of(document);
  const finding = outcome?.kind === 'done' && place ? outcome.answer.findings.find(({ range }) => range.contains(place)) : undefined;
  return document && finding && { document, finding };
}

async function sayNotDebt(notDebt: NotDebt, text: string): Promise<void> {
  await notDebt.add(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Not reported any more. "Glance: Forget "Not Debt" Decisions" takes it back.'), SAID_FOR);
}

async function classifyAtFullDepth(classifications: Classifications, document: vscode.TextDocument, finding: Finding): Promise<Decision | undefined> {
  try {
    const decision = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Glance: classifying') }, () =>
      classifications.classifyAtFullDepth(document, finding),
    );
    if (decision) {
      void offerTrace(COMMENT_DEBT, decision);
    }
    return decision;
  } catch (error) {
    void offerLog((error as Error).message);
    return undefined;
  }
}

/** A line as the command line prints it. */
async function copy({ uri }: vscode.TextDocument, { text, decision, range: { start } }: Finding): Promise<string> {
  const line = `${vscode.workspace.asRelativePath(uri)}:${start.line + 1}:${start.character + 1}: ${describeDecision(COMMENT_DEBT, decision)}: ${text}`;
  await vscode.env.clipboard.writeText(line);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied: {0}', line), SAID_FOR);
  return line;
}

async function forget(notDebt: NotDebt): Promise<number> {
  const forgotten = await notDebt.forget();
  void offerRestore(notDebt, forgotten);
  return forgotten.length;
}

async function offerRestore(notDebt: NotDebt, forgotten: readonly string[]): Promise<void> {
  if (forgotten.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing in this workspace was said not to be debt.'));
    return;
  }
  const restore = vscode.l10n.t('Undo');
  const message = forgotten.length === 1 ? vscode.l10n.t('1 decision was forgotten.') : vscode.l10n.t('{0} decisions were forgotten.', forgotten.length);
  if ((await vscode.window.showInformationMessage(message, restore)) === restore) {
    await notDebt.restore(forgotten);
  }
}
