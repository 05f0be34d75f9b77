import * as vscode from 'vscode';
import type { Classifications } from '../comments/classifications';
import type { Commands, Parts, Surface } from '../surface';
import { teachCommands } from './commands';
import { ReportDocuments } from './report-documents';
import { TaughtFindings } from './taught-findings';

/** Labels that users teach by examples. */
export class TeachSurface implements Surface {
  readonly commands: Commands;
  private readonly parts: vscode.Disposable;

  /** @param classifications whose comments taught labels are looked for in. */
  constructor({ engine, settings, taught, log }: Parts, classifications: Classifications) {
    const reports = new ReportDocuments();
    this.commands = teachCommands({ engine, files: taught, reports });
    this.parts = vscode.Disposable.from(reports, new TaughtFindings(engine, classifications, taught, settings, log));
  }

  dispose(): void {
    this.parts.dispose();
  }
}
