import * as vscode from 'vscode';
import { describePromise } from '../core/exits/promise';
import { LANGUAGES } from '../core/sources/comments/languages';
import type { EngineState } from '../engine/supervised-engine';
import type { Classification, Classifications } from './classifications';

/** What the last answers for the document in the active editor cost, among the language's status items. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('glance', LANGUAGES.map(({ id }) => ({ language: id })));
  private readonly subscriptions: vscode.Disposable;
  private engine: EngineState = { kind: 'off' };

  /** @param showLog command that opens the log. */
  constructor(
    private readonly classifications: Classifications,
    showLog: string,
  ) {
    this.item.name = 'Glance';
    this.item.command = { command: showLog, title: 'Log', tooltip: 'Open the log of Glance' };
    this.subscriptions = vscode.Disposable.from(
      this.item,
      classifications.onDidChange((document) => {
        if (document === vscode.window.activeTextEditor?.document) {
          this.update();
        }
      }),
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
    );
    this.update();
  }

  /** Takes note of what the engine is doing. */
  onEngine(state: EngineState): void {
    this.engine = state;
    this.update();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const outcome = document && this.classifications.of(document);
    this.item.busy = document !== undefined && this.classifications.isBusy(document);
    if (this.engine.kind === 'waiting') {
      this.show('Glance: engine restarts', `In ${this.engine.milliseconds / 1000} s; ${this.engine.reason}`, vscode.LanguageStatusSeverity.Warning);
    } else if (outcome?.kind === 'failed') {
      this.show('Glance: failed', outcome.reason, vscode.LanguageStatusSeverity.Error);
    } else if (outcome?.kind === 'refused') {
      this.show('Glance: not classified', outcome.reason, vscode.LanguageStatusSeverity.Warning);
    } else if (outcome?.kind === 'done') {
      this.show(...summary(outcome.classification));
    } else {
      this.show('Glance', this.item.busy ? 'Classifying comments' : 'Not classified');
    }
  }

  private show(text: string, detail: string, severity = vscode.LanguageStatusSeverity.Information): void {
    this.item.text = text;
    this.item.detail = detail;
    this.item.severity = severity;
    this.item.accessibilityInformation = { label: `${text}. ${detail}` };
  }
}

function summary({ comments, findings, foundBy, milliseconds, promise }: Classification): [text: string, detail: string] {
  if (comments.length === 0) {
    return ['Glance: no comments', ''];
  }
  const meanExit = comments.reduce((sum, { decision }) => sum + decision.exit, 0) / comments.length;
  const how = foundBy === 'markers' ? '; comments found by their markers, without a grammar' : '';
  return [
    `Glance: ${findings.length} of ${comments.length} comments`,
    `Mean exit ${meanExit.toFixed(2)}, ${milliseconds.toFixed(0)} ms${how}${promise ? `. ${describePromise(promise)}` : ''}`,
  ];
}
