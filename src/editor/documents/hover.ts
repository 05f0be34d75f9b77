import * as vscode from 'vscode';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import { explain } from '../explanation';
import type { Settings } from '../settings';
import type { Documents } from './documents';
import { rangeIn } from '../ranges';

/** Says of a heading what its section is about, and why. */
export class SectionHover implements vscode.HoverProvider {
  constructor(
    private readonly documents: Documents,
    private readonly settings: Settings,
  ) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const outcome = this.documents.of(document);
    if (outcome?.kind !== 'done' || !this.settings.showsSections(document)) {
      return undefined;
    }
    const { sections, promise } = outcome.answer;
    const found = sections.find(({ section }) => section.level > 0 && rangeIn(document, section.headingRange).contains(position));
    return found && new vscode.Hover(explain(DOC_SECTION, found.decision, promise), rangeIn(document, found.section.headingRange));
  }
}
