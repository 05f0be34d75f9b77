import * as vscode from 'vscode';
import { README_PARTS, type ReadmePart } from '../../core/documents/readme';
import { offerLog } from '../offer-log';
import type { Commands } from '../surface';
import type { ClassifiedDocument, ClassifiedSection, Documents } from './documents';
import { addition, inWords, missingIn, partsOf } from './readme';
import { rangeIn } from '../ranges';

/** The commands on documents. */
export function documentCommands(documents: Documents): Commands {
  return { 'glance.whatIsMissing': () => whatIsMissing(documents) };
}

/** Lists the parts of the README in the active editor: choosing one that is there goes to it, choosing one that is missing adds it. */
async function whatIsMissing(documents: Documents): Promise<readonly ReadmePart[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== 'markdown') {
    void vscode.window.showWarningMessage(vscode.l10n.t('Open a README in Markdown first, then run "Glance: What Is Missing in This README".'));
    return undefined;
  }
  const outcome = await documents.classify(editor.document);
  if (outcome?.kind !== 'done') {
    if (outcome) {
      void (outcome.kind === 'failed' ? offerLog(outcome.reason) : vscode.window.showWarningMessage(outcome.reason));
    }
    return undefined;
  }
  const missing = missingIn(outcome.answer);
  if (!missing) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This document does not seem to be in English, which is all that the model reads: what is missing cannot be told.'));
    return undefined;
  }
  void choosePart(editor, outcome.answer, missing);
  return missing;
}

/** One line of the list. */
interface PartItem extends vscode.QuickPickItem {
  readonly part: ReadmePart;
  /** The first section that has it. */
  readonly section: ClassifiedSection | undefined;
}

async function choosePart(editor: vscode.TextEditor, document: ClassifiedDocument, missing: readonly ReadmePart[]): Promise<void> {
  const source = editor.document.getText();
  const items = partsOf(document).map(({ part, sections }): PartItem => {
    const isMissing = missing.includes(part);
    return {
      part,
      section: sections[0] ?? (isMissing ? undefined : document.sections[0]),
      label: `$(${isMissing ? 'add' : 'check'}) ${inWords(part, source).heading}`,
      description: isMissing ? vscode.l10n.t('seems to be missing: add a section') : sections.map(({ section }) => section.heading).filter(Boolean).join(', '),
    };
  });
  const title = missing.length === 0 ? vscode.l10n.t('Nothing seems to be missing') : vscode.l10n.t('{0} of {1} parts seem to be missing', missing.length, README_PARTS.length);
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('Choose a part to add it, or to go to it'), matchOnDescription: true });
  if (!chosen) {
    return;
  }
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  if (chosen.section) {
    const { start } = rangeIn(editor.document, chosen.section.section.headingRange);
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  } else {
    const { snippet, range } = addition(chosen.part, editor.document, document.sections);
    await editor.insertSnippet(snippet, range, { undoStopBefore: true, undoStopAfter: true, keepWhitespace: true });
  }
}
