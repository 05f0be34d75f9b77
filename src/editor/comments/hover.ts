import * as vscode from 'vscode';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { explain } from '../explanation';
import type { Classifications } from './classifications';

/** Says of a finding why it was decided so: what each exit answered, up to the one taken. */
export class FindingHover implements vscode.HoverProvider {
  constructor(private readonly classifications: Classifications) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const outcome = this.classifications.of(document);
    if (outcome?.kind !== 'done') {
      return undefined;
    }
    const { findings, promise } = outcome.answer;
    const finding = findings.find(({ range }) => range.contains(position));
    return finding && new vscode.Hover(explain(COMMENT_DEBT, finding.decision, promise), finding.range);
  }
}
