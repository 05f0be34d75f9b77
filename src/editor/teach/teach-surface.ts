import * as vscode from 'vscode';
import type { Commands, Parts, Surface } from '../surface';
import { teachCommands } from './commands';
import { ReportDocuments } from './report-documents';

/** Labels that users teach by examples. */
export class TeachSurface implements Surface {
  readonly commands: Commands;
  private readonly parts: vscode.Disposable;

  constructor({ engine, taught }: Parts) {
    const reports = new ReportDocuments();
    this.commands = teachCommands({ engine, files: taught, reports });
    this.parts = vscode.Disposable.from(reports);
  }

  dispose(): void {
    this.parts.dispose();
  }
}
