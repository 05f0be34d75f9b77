import * as vscode from 'vscode';
import { isChecked, judge, type Verdict } from '../../core/commits/verdict';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import { parseCommitMessage, saysEnough } from '../../core/sources/commits/commit-message';
import { DEBOUNCE, DocumentAnswers } from '../answers/document-answers';
import type { Settings } from '../settings';
import type { CommitClassifier } from './commit-classifier';
import type { Git } from './git';
import { SELECTOR } from './selector';
import { situate, stateOf, type SituatedMessage } from './situated-message';

/** A classified message of one version of a document. */
export interface ClassifiedMessage extends SituatedMessage {
  readonly decision: Decision;
  readonly promise: KeptPromise | undefined;
  readonly verdict: Verdict | undefined;
}

/** Keeps the classification of the messages in commit boxes and in open COMMIT_EDITMSG files up to date. Nothing: there is no message to classify. */
export class Messages extends DocumentAnswers<ClassifiedMessage | undefined> {
  /** The types that authors keep, whatever the model says. */
  private readonly kept = new Map<vscode.TextDocument, string>();
  /** To what the repositories of documents change. */
  private readonly repositories = new Map<vscode.TextDocument, vscode.Disposable>();

  constructor(
    private readonly classifier: CommitClassifier,
    private readonly git: Git,
    private readonly settings: Settings,
    log: vscode.LogOutputChannel,
  ) {
    super(log);
    this.subscribe(
      vscode.workspace.onDidOpenTextDocument((document) => this.refresh(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.refresh(document, DEBOUNCE)),
      settings.onDidChange(() => this.refreshAll()),
    );
    this.refreshAll();
  }

  /** The message of this very version of a document, where it has one to classify. */
  messageOf(document: vscode.TextDocument): ClassifiedMessage | undefined {
    const outcome = this.of(document);
    return outcome?.kind === 'done' ? outcome.answer : undefined;
  }

  /** Classifies every message anew, since something that it depends on has changed. */
  refreshAll(): void {
    vscode.workspace.textDocuments.forEach((document) => this.refresh(document, 0));
  }

  /** Says no more of a typed type, until the message is another. */
  keep(document: vscode.TextDocument, type: string): void {
    this.kept.set(document, type);
    this.refresh(document, 0);
  }

  /** The message that a document holds, and what is known of its repository. */
  async situate(document: vscode.TextDocument): Promise<SituatedMessage> {
    const message = parseCommitMessage(document.getText(), document.languageId === 'git-commit');
    return situate(message, await this.git.repositoryOf(document), this.git, document);
  }

  override dispose(): void {
    this.repositories.forEach((subscription) => void subscription.dispose());
    super.dispose();
  }

  protected override async ask(document: vscode.TextDocument, signal: AbortSignal): Promise<ClassifiedMessage | undefined> {
    const situated = await this.situate(document);
    const { message, conventions, scope, repository } = situated;
    signal.throwIfAborted();
    if (repository && !this.repositories.has(document)) {
      this.repositories.set(document, repository.state.onDidChange(() => this.onRepositoryChange(document)));
    }
    if (repository && stateOf(repository) !== situated.state) {
      // It has changed before anybody listened.
      return this.ask(document, signal);
    }
    if (message.header?.type !== this.kept.get(document)) {
      this.kept.delete(document);
    }
    const terms = { check: this.settings.commitCheck(scope), conventions, minimumConfidence: this.settings.commitMinimumConfidence(scope) };
    if (!saysEnough(message) || !isChecked(message, terms)) {
      return undefined;
    }
    const { decision, promise } = await this.classifier.classify(situated, signal);
    return { ...situated, decision, promise, verdict: this.kept.has(document) ? undefined : judge(message, decision, terms) };
  }

  protected override forget(document: vscode.TextDocument): void {
    this.kept.delete(document);
    this.repositories.get(document)?.dispose();
    this.repositories.delete(document);
    super.forget(document);
  }

  private refresh(document: vscode.TextDocument, pause: number): void {
    // Versions of a message in a comparison are nobody's to mend.
    if (document.uri.scheme !== 'git' && vscode.languages.match(SELECTOR, document) > 0) {
      this.schedule(document, pause);
    }
  }

  /** Other files may be staged, or another history checked out. The status is read often, and seldom differs. */
  private onRepositoryChange(document: vscode.TextDocument): void {
    const { repository, state } = this.messageOf(document) ?? {};
    if (!repository || stateOf(repository) !== state) {
      this.refresh(document, DEBOUNCE);
    }
  }
}
