import * as vscode from 'vscode';
import { shareInPercent, type KeptPromise } from '../../core/exits/promise';
import type { EngineState } from '../../engine/supervised-engine';
import type { Classification, Classifications, ClassifiedComment } from './classifications';
import { SELECTOR } from './selector';

/**
 * What the last answers for the document in the active editor cost, and what they promise, among the language's status items.
 * Each is one line, which is cut where it is long.
 */
export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('glance', SELECTOR);
  private readonly promiseItem = vscode.languages.createLanguageStatusItem('glance.promise', SELECTOR);
  private readonly subscriptions: vscode.Disposable;
  private engine: EngineState = { kind: 'off' };
  /** The document whose promise is shown. */
  private promised: vscode.TextDocument | undefined;

  /** @param showLog command that opens the log. */
  constructor(
    private readonly classifications: Classifications,
    showLog: string,
  ) {
    this.item.name = 'Glance';
    this.item.command = { command: showLog, title: vscode.l10n.t('Log'), tooltip: vscode.l10n.t('Open the log of Glance') };
    this.promiseItem.name = vscode.l10n.t('Glance: Promise');
    this.promiseItem.command = { command: 'glance.tune', title: vscode.l10n.t('Tune'), tooltip: vscode.l10n.t('How many findings may differ from those of the full model, and what that saves') };
    this.subscriptions = vscode.Disposable.from(
      this.item,
      this.promiseItem,
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
    // While an edit is classified, the promise of the version before stays.
    if (outcome || !this.item.busy || document !== this.promised) {
      this.promised = document;
      this.showPromise(outcome?.kind === 'done' ? outcome.answer.promise : undefined);
    }
    if (this.engine.kind === 'waiting') {
      this.show(vscode.l10n.t('Glance: engine restarts'), vscode.l10n.t('In {0} s; {1}', this.engine.milliseconds / 1000, this.engine.reason), vscode.LanguageStatusSeverity.Warning);
    } else if (outcome?.kind === 'failed') {
      this.show(vscode.l10n.t('Glance: failed'), outcome.reason, vscode.LanguageStatusSeverity.Error);
    } else if (outcome?.kind === 'refused') {
      this.show(vscode.l10n.t('Glance: not classified'), outcome.reason, vscode.LanguageStatusSeverity.Warning);
    } else if (outcome?.kind === 'done') {
      this.show(...summary(outcome.answer));
    } else if (document && this.classifications.isOutdated(document)) {
      const next = this.classifications.runMode(document) === 'onSave' ? vscode.l10n.t('Classified anew when it is saved') : vscode.l10n.t('"Glance: Classify File" classifies it anew');
      this.show(vscode.l10n.t('Glance: edited since'), next);
    } else {
      this.show('Glance', this.item.busy ? vscode.l10n.t('Classifying comments') : vscode.l10n.t('Not classified'));
    }
  }

  private show(text: string, detail: string, severity = vscode.LanguageStatusSeverity.Information): void {
    this.item.severity = severity;
    write(this.item, text, detail);
  }

  private showPromise(promise: KeptPromise | undefined): void {
    // An item without a language is not shown.
    this.promiseItem.selector = promise ? SELECTOR : [];
    if (promise) {
      write(this.promiseItem, ...promiseInShort(promise));
    }
  }
}

function write(item: vscode.LanguageStatusItem, text: string, detail: string): void {
  item.text = text;
  item.detail = detail;
  item.accessibilityInformation = { label: `${text}. ${detail}` };
}

function promiseInShort(promise: KeptPromise): [text: string, detail: string] {
  switch (promise.kind) {
    case 'early':
      return [vscode.l10n.t('Glance: at most {0} differ', shareInPercent(promise.maxDisagreement)), vscode.l10n.t("from the full model's findings")];
    case 'full':
      return [vscode.l10n.t('Glance: full depth'), vscode.l10n.t("every answer is the full model's")];
    case 'unsupported': {
      const { maxDisagreement, smallest } = promise;
      if (maxDisagreement === undefined) {
        return [vscode.l10n.t('Glance: full depth'), vscode.l10n.t('no share can be promised')];
      }
      const asked = shareInPercent(maxDisagreement);
      const detail = smallest === undefined ? vscode.l10n.t('{0} cannot be promised, nor can any share', asked) : vscode.l10n.t('{0} cannot be promised, only {1} or more', asked, shareInPercent(smallest));
      return [vscode.l10n.t('Glance: full depth'), detail];
    }
    case 'no-encoder':
      return [vscode.l10n.t('Glance: no promise'), vscode.l10n.t('exit 0 answers alone')];
  }
}

/** What the answers for a document cost, in two lines. */
export function summary({ comments, findings, ignored, foundBy, milliseconds }: Classification): [text: string, detail: string] {
  const left = ignored > 0 ? vscode.l10n.t('{0} ignored', ignored) : '';
  if (comments.length === 0) {
    return [vscode.l10n.t('Glance: no comments'), left];
  }
  const cost = vscode.l10n.t('Mean exit {0}, {1} ms', meanExit(comments).toFixed(2), milliseconds.toFixed(0));
  const how = foundBy === 'markers' ? vscode.l10n.t('comments found by their markers, without a grammar') : '';
  return [vscode.l10n.t('Glance: {0} of {1} comments', findings.length, comments.length), [cost, left, how].filter(Boolean).join('; ')];
}

/** The exit at which comments left, on the average. */
export function meanExit(comments: readonly ClassifiedComment[]): number {
  return comments.reduce((sum, { decision }) => sum + decision.exit, 0) / comments.length;
}
