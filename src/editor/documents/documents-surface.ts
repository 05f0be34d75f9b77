import * as vscode from 'vscode';
import type { Commands, Parts, Surface } from '../surface';
import { documentCommands } from './commands';
import { Decorations } from './decorations';
import { Documents, SELECTOR } from './documents';
import { SectionHover } from './hover';
import { MissingPartsHint } from './missing-parts';
import { SectionTree } from './section-tree';
import { DocumentStatus } from './status';

/** Markdown documents: what their sections are about, and what a README lacks. */
export class DocumentsSurface implements Surface {
  readonly commands: Commands;
  private readonly parts: vscode.Disposable;

  constructor({ engine, onDidRestartEngine, settings, log }: Parts) {
    const documents = new Documents(engine, settings, log);
    this.commands = documentCommands(documents);
    this.parts = vscode.Disposable.from(
      documents,
      new Decorations(documents, settings),
      new SectionTree(documents, settings),
      new DocumentStatus(documents, settings, 'glance.showLog', 'glance.whatIsMissing'),
      new MissingPartsHint(documents, settings),
      vscode.languages.registerHoverProvider(SELECTOR, new SectionHover(documents, settings)),
      onDidRestartEngine(() => documents.refreshAll()),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }
}
