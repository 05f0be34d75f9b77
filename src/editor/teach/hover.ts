import * as vscode from 'vscode';
import { explain } from '../explanation';
import type { TaughtFindings } from './taught-findings';

/** Says of a comment with taught labels why it has them. */
export class TaughtHover implements vscode.HoverProvider {
  constructor(private readonly findings: TaughtFindings) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const outcome = this.findings.of(document);
    const here = outcome?.kind === 'done' ? outcome.answer.filter(({ range }) => range.contains(position)) : [];
    return here[0] && new vscode.Hover(here.map(({ task, decision }) => explain(task, decision, undefined)), here[0].range);
  }
}
