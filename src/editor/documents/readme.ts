import * as vscode from 'vscode';
import { mayBeEnglish, missingParts, newSection, README_PARTS, sectionsWith, type NewSection, type ReadmePart } from '../../core/documents/readme';
import type { ClassifiedDocument, ClassifiedSection } from './documents';

/** A part of a README, for people: its name, the heading of a section that has it, and what that section says at first, to be replaced. */
interface PartInWords {
  readonly name: string;
  readonly heading: string;
  readonly sentence: string;
}

/**
 * What a README lacks.
 * @returns nothing where it cannot be told, since the document is not in English.
 */
export function missingIn({ sections }: ClassifiedDocument): ReadmePart[] | undefined {
  return mayBeEnglish(sections) ? missingParts(sections) : undefined;
}

/** Every part of a README, with the sections that have it. */
export function partsOf({ sections }: ClassifiedDocument): { readonly part: ReadmePart; readonly sections: readonly ClassifiedSection[] }[] {
  return README_PARTS.map((part) => ({ part, sections: sectionsWith(part, sections) }));
}

/** A part in words. @param source the document: how it spells "licence" is followed. */
export function inWords(part: ReadmePart, source = ''): PartInWords {
  switch (part) {
    case 'about':
      return { name: vscode.l10n.t('what it is'), heading: vscode.l10n.t('About'), sentence: vscode.l10n.t('Say what this is, whom it is for, and what it does better than others.') };
    case 'usage':
      return { name: vscode.l10n.t('how to use it'), heading: vscode.l10n.t('Usage'), sentence: vscode.l10n.t('Show how to install it, and the smallest example of its use.') };
    case 'contributing':
      return { name: vscode.l10n.t('how to contribute'), heading: vscode.l10n.t('Contributing'), sentence: vscode.l10n.t('Say how to report a problem, how to build and test, and how to propose a change.') };
    case 'licence':
      return { name: vscode.l10n.t('licence and authors'), heading: /\blicence\b/iu.test(source) ? vscode.l10n.t('Licence') : vscode.l10n.t('License'), sentence: vscode.l10n.t('Name the licence, and who holds the copyright.') };
  }
}

/** Names of parts in a sentence: "how to use it, licence and authors". */
export function namesOf(parts: readonly ReadmePart[]): string {
  return parts.map((part) => inWords(part).name).join(', ');
}

/** The edit that adds a section; what is to be filled in is selected. */
export function addition(part: ReadmePart, document: vscode.TextDocument, sections: readonly ClassifiedSection[]): vscode.SnippetTextEdit {
  const source = document.getText();
  const { heading, sentence } = inWords(part, source);
  const { offset, before, after }: NewSection = newSection(part, heading, sections, source);
  const snippet = new vscode.SnippetString().appendText(before).appendPlaceholder(sentence).appendText(after);
  const edit = vscode.SnippetTextEdit.insert(document.positionAt(offset), snippet);
  // What it comes after may be indented, as lists are.
  edit.keepWhitespace = true;
  return edit;
}
