import * as vscode from 'vscode';
import type { Settings } from '../settings';
import type { Documents } from './documents';
import { sectionType } from './section-type';
import { rangeIn } from '../ranges';

/** How sure the model must be for a label to be written into the document: of READMEs never trained on, every second one below this is wrong. */
const LEAST_CONFIDENCE = 0.5;

/** Writes what a section is about behind its heading, in the colour of CodeLenses. */
export class Decorations implements vscode.Disposable {
  private readonly type = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 2em', fontStyle: 'normal', fontWeight: 'normal' },
  });
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly documents: Documents,
    private readonly settings: Settings,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.type,
      documents.onDidChange((document) => this.decorate(vscode.window.visibleTextEditors.filter((editor) => editor.document === document))),
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.decorate(editors)),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private decorate(editors: readonly vscode.TextEditor[]): void {
    for (const editor of editors) {
      editor.setDecorations(this.type, this.settings.showsSections(editor.document) ? this.decorationsOf(editor.document) : []);
    }
  }

  private decorationsOf(document: vscode.TextDocument): vscode.DecorationOptions[] {
    return this.documents
      .sectionsOf(document)
      .filter(({ section, decision }) => section.level > 0 && decision.confidence >= LEAST_CONFIDENCE)
      .map((classified) => ({ range: rangeIn(document, classified.section.headingRange), renderOptions: { after: { contentText: sectionType(classified) } } }));
  }
}
