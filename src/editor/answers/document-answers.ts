import * as vscode from 'vscode';

/** Pause after the last keystroke before a document is asked about again, in milliseconds. */
export const DEBOUNCE = 400;

/** What became of a document, with a reason for its reader where it has no answer. */
export type Outcome<Answer> =
  | { readonly kind: 'done'; readonly version: number; readonly answer: Answer }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/** One document under watch. */
interface Watched<Answer> {
  outcome?: Outcome<Answer>;
  timer?: NodeJS.Timeout | undefined;
  running?: AbortController | undefined;
}

/**
 * Keeps one answer per document, that to its last version. Edits are waited out; a request that something overtakes is cancelled, and its answer
 * dropped. What is asked, of which documents and when, says the surface that extends this.
 */
export abstract class DocumentAnswers<Answer> implements vscode.Disposable {
  /** By document, not by its URI: the name of a document that was never saved is given to the next one as soon as it is closed. */
  private readonly watched = new Map<vscode.TextDocument, Watched<Answer>>();
  /** Those whose outcome somebody waits for. */
  private readonly awaited = new Set<vscode.TextDocument>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable[] = [this.changed, vscode.workspace.onDidCloseTextDocument((document) => this.onClose(document))];

  /** Fires when the outcome of a document has changed, or is out of date, or that it is being asked for. */
  readonly onDidChange = this.changed.event;

  constructor(protected readonly log: vscode.LogOutputChannel) {}

  /** The outcome for this very version of a document. */
  of(document: vscode.TextDocument): Outcome<Answer> | undefined {
    const outcome = this.latest(document);
    return outcome?.kind === 'done' && outcome.version !== document.version ? undefined : outcome;
  }

  /** The last outcome of a document, be it of an earlier version. */
  latest(document: vscode.TextDocument): Outcome<Answer> | undefined {
    return this.watched.get(document)?.outcome;
  }

  /** Whether an answer is being waited for. */
  isBusy(document: vscode.TextDocument): boolean {
    return this.watched.get(document)?.running !== undefined;
  }

  dispose(): void {
    this.watched.forEach(stop);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** @throws what the engine does. */
  protected abstract ask(document: vscode.TextDocument, signal: AbortSignal): Promise<Answer>;

  /** Has something disposed of with the rest. */
  protected subscribe(...subscriptions: vscode.Disposable[]): void {
    this.subscriptions.push(...subscriptions);
  }

  protected isWatched(document: vscode.TextDocument): boolean {
    return this.watched.has(document);
  }

  /** Whether an answer is being waited for, or about to be. */
  protected isPending(document: vscode.TextDocument): boolean {
    const { timer, running } = this.watched.get(document) ?? {};
    return timer !== undefined || running !== undefined;
  }

  /** Asks about a document after a pause, in milliseconds, in the place of a request that is under way. */
  protected schedule(document: vscode.TextDocument, pause: number): void {
    const watched = this.watch(document);
    stop(watched);
    watched.timer = setTimeout(() => void this.run(document, watched), pause);
  }

  /** Asks about a document now, in the place of a request that is under way. */
  protected start(document: vscode.TextDocument): void {
    const watched = this.watch(document);
    stop(watched);
    void this.run(document, watched);
  }

  /**
   * Asks about a document now, and waits.
   * @returns its outcome when nothing is under way any more: where something overtakes this request, that of the request after it. Nothing where the
   * document is closed or given up meanwhile.
   */
  protected request(document: vscode.TextDocument): Promise<Outcome<Answer> | undefined> {
    return new Promise((resolve) => {
      const subscription = this.onDidChange((changed) => {
        if (changed === document && !this.isPending(document)) {
          subscription.dispose();
          this.awaited.delete(document);
          resolve(this.of(document));
        }
      });
      this.awaited.add(document);
      this.start(document);
    });
  }

  /** Gives a document an outcome in the place of whatever is under way. */
  protected set(document: vscode.TextDocument, outcome: Outcome<Answer>): void {
    const watched = this.watch(document);
    stop(watched);
    watched.outcome = outcome;
    this.changed.fire(document);
  }

  /** Gives a document another answer for the version that it has one for. What is under way goes on. */
  protected replace(document: vscode.TextDocument, answer: Answer): void {
    const watched = this.watched.get(document);
    if (watched?.outcome?.kind === 'done') {
      watched.outcome = { ...watched.outcome, answer };
      this.changed.fire(document);
    }
  }

  /** Tells that what is known of a document is to be looked at again. */
  protected touch(document: vscode.TextDocument): void {
    this.changed.fire(document);
  }

  /** Gives up a document, with what is known of it. */
  protected forget(document: vscode.TextDocument): void {
    const watched = this.watched.get(document);
    if (watched) {
      stop(watched);
      this.watched.delete(document);
      this.changed.fire(document);
    }
  }

  private onClose(document: vscode.TextDocument): void {
    if (this.awaited.has(document) && vscode.workspace.textDocuments.includes(document)) {
      // It has another language, and is opened again at once: who waits is answered all the same.
      this.start(document);
    } else {
      this.forget(document);
    }
  }

  private watch(document: vscode.TextDocument): Watched<Answer> {
    const watched = this.watched.get(document) ?? {};
    this.watched.set(document, watched);
    return watched;
  }

  private async run(document: vscode.TextDocument, watched: Watched<Answer>): Promise<void> {
    const { version } = document;
    const running = new AbortController();
    watched.timer = undefined;
    watched.running = running;
    this.changed.fire(document);
    let outcome: Outcome<Answer>;
    try {
      outcome = { kind: 'done', version, answer: await this.ask(document, running.signal) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!running.signal.aborted) {
        this.log.error(`${document.uri.toString()}: ${reason}`);
      }
      outcome = { kind: 'failed', reason };
    }
    if (document.isClosed) {
      this.forget(document);
    } else if (!running.signal.aborted && document.version === version) {
      // Another version overtakes this one as soon as the edit is told of, which is later than the document shows it.
      watched.running = undefined;
      this.set(document, outcome);
    }
  }
}

function stop(watched: Watched<unknown>): void {
  clearTimeout(watched.timer);
  watched.timer = undefined;
  watched.running?.abort();
  watched.running = undefined;
}
