import * as vscode from 'vscode';
import { isChecked, judge, type Verdict } from '../../core/commits/verdict';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import { parseCommitMessage, saysEnough } from '../../core/sources/commits/commit-message';
import type { Settings } from '../settings';
import type { CommitClassifier } from './commit-classifier';
import type { Git } from './git';
import { SELECTOR } from './selector';
import { situate, stateOf, type SituatedMessage } from './situated-message';

/** Pause after the last keystroke before a message is classified again, in milliseconds. */
const DEBOUNCE = 400;

/** A classified message of one version of a document. */
export interface ClassifiedMessage extends SituatedMessage {
  readonly version: number;
  readonly decision: Decision;
  readonly promise: KeptPromise | undefined;
  readonly verdict: Verdict | undefined;
}

/** One document under watch. */
interface Watched {
  classified?: ClassifiedMessage | undefined;
  timer?: NodeJS.Timeout | undefined;
  running?: AbortController | undefined;
  /** The type that its author keeps, whatever the model says. */
  kept?: string | undefined;
  /** To what its repository changes. */
  subscription?: vscode.Disposable | undefined;
}

/**
 * Keeps the classification of the messages in commit boxes and in open COMMIT_EDITMSG files up to date. Edits are waited out, a request that was
 * overtaken by an edit is cancelled, and its answer is dropped.
 */
export class Messages implements vscode.Disposable {
  private readonly watched = new Map<vscode.TextDocument, Watched>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable;

  /** Fires when the classification of a document has changed. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly classifier: CommitClassifier,
    private readonly git: Git,
    private readonly settings: Settings,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      vscode.workspace.onDidOpenTextDocument((document) => this.refresh(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.refresh(document, DEBOUNCE)),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      settings.onDidChange(() => this.refreshAll()),
    );
    this.refreshAll();
  }

  /** The classification of this very version of a document, where it has a message to classify. */
  of(document: vscode.TextDocument): ClassifiedMessage | undefined {
    const classified = this.watched.get(document)?.classified;
    return classified?.version === document.version ? classified : undefined;
  }

  /** Classifies every message anew, since something that it depends on has changed. */
  refreshAll(): void {
    vscode.workspace.textDocuments.forEach((document) => this.refresh(document, 0));
  }

  /** Says no more of a typed type, until the message is another. */
  keep(document: vscode.TextDocument, type: string): void {
    const watched = this.watched.get(document);
    if (watched) {
      watched.kept = type;
      this.refresh(document, 0);
    }
  }

  /** The message that a document holds, and what is known of its repository. */
  async situate(document: vscode.TextDocument): Promise<SituatedMessage> {
    const message = parseCommitMessage(document.getText(), document.languageId === 'git-commit');
    return situate(message, await this.git.repositoryOf(document), this.git, document);
  }

  dispose(): void {
    [...this.watched.values()].forEach(stop);
    this.subscriptions.dispose();
  }

  private refresh(document: vscode.TextDocument, delay: number): void {
    // Versions of a message in a comparison are nobody's to mend.
    if (document.uri.scheme === 'git' || vscode.languages.match(SELECTOR, document) === 0) {
      return;
    }
    const watched = this.watched.get(document) ?? {};
    this.watched.set(document, watched);
    clearTimeout(watched.timer);
    watched.running?.abort();
    watched.timer = setTimeout(() => void this.run(document, watched), delay);
  }

  private async run(document: vscode.TextDocument, watched: Watched): Promise<void> {
    const running = new AbortController();
    watched.running = running;
    let classified: ClassifiedMessage | undefined;
    try {
      classified = await this.classify(document, watched, running.signal);
    } catch (error) {
      if (!running.signal.aborted) {
        this.log.error(`${document.uri.toString()}: ${(error as Error).message}`);
      }
    }
    // The edit itself cancels a request, but it is told of later than the document shows it.
    if (!running.signal.aborted && (!classified || classified.version === document.version)) {
      watched.classified = classified;
      this.changed.fire(document);
    }
  }

  private async classify(document: vscode.TextDocument, watched: Watched, signal: AbortSignal): Promise<ClassifiedMessage | undefined> {
    const { version } = document;
    const situated = await this.situate(document);
    const { message, conventions, scope, repository } = situated;
    signal.throwIfAborted();
    watched.subscription ??= repository?.state.onDidChange(() => this.onRepositoryChange(document));
    if (message.header?.type !== watched.kept) {
      watched.kept = undefined;
    }
    const terms = { check: this.settings.commitCheck(scope), conventions, minimumConfidence: this.settings.commitMinimumConfidence(scope) };
    if (!saysEnough(message) || !isChecked(message, terms)) {
      return undefined;
    }
    const { decision, promise } = await this.classifier.classify(situated, signal);
    const verdict = watched.kept === undefined ? judge(message, decision, terms) : undefined;
    return { ...situated, version, decision, promise, verdict };
  }

  /** Other files may be staged, or another history checked out. The status is read often, and seldom differs. */
  private onRepositoryChange(document: vscode.TextDocument): void {
    const { repository, state } = this.of(document) ?? {};
    if (!repository || stateOf(repository) !== state) {
      this.refresh(document, DEBOUNCE);
    }
  }

  private forget(document: vscode.TextDocument): void {
    const watched = this.watched.get(document);
    if (watched) {
      stop(watched);
      this.watched.delete(document);
      this.changed.fire(document);
    }
  }
}

function stop({ timer, running, subscription }: Watched): void {
  clearTimeout(timer);
  running?.abort();
  subscription?.dispose();
}
