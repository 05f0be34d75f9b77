import * as vscode from 'vscode';
import { AnswerDiagnostics } from '../answers/diagnostics';
import type { Classifications } from '../comments/classifications';
import { SELECTOR } from '../comments/selector';
import type { Commands, Parts, Surface } from '../surface';
import { teachCommands } from './commands';
import { TaughtHover } from './hover';
import { ReportDocuments } from './report-documents';
import { TaughtFindings, toDiagnostic } from './taught-findings';

/** Labels that users teach by examples. */
export class TeachSurface implements Surface {
  readonly commands: Commands;
  private readonly parts: vscode.Disposable;

  /** @param classifications whose comments taught labels are looked for in. */
  constructor({ engine, settings, filter, taught, log }: Parts, classifications: Classifications) {
    const reports = new ReportDocuments();
    this.commands = teachCommands({ engine, files: taught, reports });
    const findings = new TaughtFindings(engine, classifications, taught, settings, filter, log);
    this.parts = vscode.Disposable.from(
      reports,
      findings,
      new AnswerDiagnostics('glance-taught', findings, (found) => found.map(toDiagnostic)),
      vscode.languages.registerHoverProvider(SELECTOR, new TaughtHover(findings)),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }
}
