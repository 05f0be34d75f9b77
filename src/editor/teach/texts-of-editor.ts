import * as vscode from 'vscode';
import { languageById } from '../../core/sources/comments/languages';
import type { TaughtTask } from '../../core/teach/taught-task';
import type { Engine } from '../../engine/engine';

/**
 * The texts that the user of an editor points at: for comments, those that a selection touches, or the one at the cursor; else what
 * is selected. Where a document's comments cannot be found, a selection is taken as it is.
 */
export async function textsOf({ document, selections }: vscode.TextEditor, texts: TaughtTask['texts'], engine: Engine): Promise<string[]> {
  const selected = selections.filter(({ isEmpty }) => !isEmpty);
  if (texts === 'comments' && languageById(document.languageId)) {
    const { snippets } = await engine.findComments({ source: document.getText(), language: document.languageId });
    const comments = snippets.filter(({ range: { start, end } }) =>
      selections.some((selection) => document.offsetAt(selection.start) <= end && document.offsetAt(selection.end) >= start),
    );
    if (comments.length > 0) {
      return comments.map(({ text }) => text);
    }
  }
  return selected.map((selection) => document.getText(selection)).filter((text) => text.trim() !== '');
}
