import * as vscode from 'vscode';
import { LONGEST_SOURCE } from '../../core/sources/comments/comments';
import { languageById } from '../../core/sources/comments/languages';

/** Longest document, in characters, that is classified without being asked for: cutting it takes tenths of a second. */
const LONGEST_UNASKED = 2_000_000;

/** Why a document cannot be classified, if so. */
export function refusalOf(document: vscode.TextDocument, wanted: 'asked' | 'unasked'): string | undefined {
  if (!languageById(document.languageId)) {
    return vscode.l10n.t('Glance does not know how comments are written in the language "{0}".', document.languageId);
  }
  const longest = wanted === 'asked' ? LONGEST_SOURCE : LONGEST_UNASKED;
  const length = lengthOf(document);
  if (length <= longest) {
    return undefined;
  }
  const millions = (length / 1e6).toFixed(1);
  return longest < LONGEST_SOURCE && length <= LONGEST_SOURCE
    ? vscode.l10n.t('This file is {0} million characters long, too long to be classified while you work. Run "Glance: Classify File" to classify it now.', millions)
    : vscode.l10n.t('This file is {0} million characters long; Glance classifies files of up to {1} million.', millions, LONGEST_SOURCE / 1e6);
}

/** Characters of a document, without putting together its text, which takes long where there is much of it. */
function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}
