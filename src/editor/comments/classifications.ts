import * as vscode from 'vscode';
import { DecidedTexts } from '../../core/decided-texts';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import type { PolicyChoice } from '../../core/exits/policy-choice';
import { Fingerprints } from '../../core/findings/fingerprint';
import { languageById } from '../../core/sources/comments/languages';
import type { CommentsFound } from '../../core/sources/comments/comments';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { isFinding } from '../../core/tasks/describe';
import { promiseHere, type BackendDescription, type Engine, type ModelDescription } from '../../engine/engine';
import { pathIn } from '../scan/workspace-files';
import { Settings, type RunMode } from '../settings';
import type { DecidedComment, FindingFilter } from './finding-filter';
import { refusalOf } from './refusal';
import { visibleDocuments } from './visible-documents';

/** Pause after the last keystroke before a document is classified again, in milliseconds. */
const DEBOUNCE = 400;

/** Comments in one request: enough for full batches, little enough that an answer is no burden for the host's thread. */
const COMMENTS_AT_A_TIME = 1000;

const CELL_SCHEME = 'vscode-notebook-cell';

/** Documents that people write though no file system has them as they are. */
const UNSAVED: ReadonlySet<string> = new Set(['untitled', CELL_SCHEME]);

/** A comment with its decision. */
export interface ClassifiedComment extends DecidedComment {
  readonly range: vscode.Range;
}

/** A comment that is shown. */
export interface Finding extends ClassifiedComment {
  readonly severity: vscode.DiagnosticSeverity;
}

/** The comments of one version of a document. */
export interface Classification {
  readonly version: number;
  readonly comments: readonly ClassifiedComment[];
  readonly findings: readonly Finding[];
  /** How many comments were left out since their author wants it so. */
  readonly ignored: number;
  /** How many different comments were new, so that the engine was asked about them. */
  readonly classified: number;
  readonly foundBy: CommentsFound['foundBy'];
  /** What the decisions promise, where they were to keep a promise. */
  readonly promise: KeptPromise | undefined;
  /** What ran the encoder, where there was something to classify. */
  readonly backend: BackendDescription | undefined;
  /** From the request to the last answer. */
  readonly milliseconds: number;
}

/** Why a document has no classification, for its reader. */
export type Outcome =
  | { readonly kind: 'done'; readonly classification: Classification }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** One document under watch. */
interface Watched {
  readonly decided: DecidedTexts;
  outcome?: Outcome;
  /** Its reader asked for it: it stays classified until it is closed, even if `glance.comments.run` is `never`. */
  asked?: boolean;
  timer?: NodeJS.Timeout | undefined;
  running?: AbortController | undefined;
}

/**
 * Keeps the classification of the documents in visible editors as up to date as `glance.comments.run` wants it. Edits are waited out, a request that
 * was overtaken by an edit is cancelled, and its answers are dropped. Only comments that were not decided before are sent to the engine.
 */
export class Classifications implements vscode.Disposable {
  /** By document, not by its URI: the name of a document that was never saved is given to the next one as soon as it is closed. */
  private readonly watched = new Map<vscode.TextDocument, Watched>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable[];
  /** How often an engine has taken the place of another, which may decide otherwise. */
  private engines = 0;

  /** Fires when the outcome of a document has changed, or is out of date, or that it is being classified. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: Engine,
    private readonly settings: Settings,
    private readonly filter: FindingFilter,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      this.changed,
      vscode.window.onDidChangeVisibleTextEditors(() => this.refreshVisible()),
      vscode.window.onDidChangeVisibleNotebookEditors(() => this.refreshVisible()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => this.onChange(document, contentChanges.length > 0)),
      vscode.workspace.onDidSaveNotebookDocument((notebook) => notebook.getCells().forEach(({ document }) => this.onSave(document))),
      // A document whose language has changed is closed and opened again, in the same editor.
      vscode.workspace.onDidOpenTextDocument((document) => void (visibleDocuments().includes(document) && this.refresh(document, 0))),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      settings.onDidChange((event) => (Settings.changesEngine(event) ? this.decideAnew() : this.refreshAll())),
      filter.onDidChange(() => this.filterAgain()),
    ];
    this.refreshVisible();
  }

  /** The outcome for this very version of a document. */
  of(document: vscode.TextDocument): Outcome | undefined {
    const outcome = this.watched.get(document)?.outcome;
    return outcome?.kind === 'done' && outcome.classification.version !== document.version ? undefined : outcome;
  }

  /** Whether a document has an outcome of an earlier version, which nothing replaces until it is saved or its reader asks. */
  isOutdated(document: vscode.TextDocument): boolean {
    const watched = this.watched.get(document);
    return watched?.outcome !== undefined && this.of(document) === undefined && !isPending(watched);
  }

  /** When a document is classified. */
  runMode(document: vscode.TextDocument): RunMode {
    const mode = this.settings.run(document);
    return mode === 'never' && this.watched.get(document)?.asked ? 'onType' : mode;
  }

  /** Decides every comment anew, since another engine may decide otherwise. */
  decideAnew(): void {
    this.engines += 1;
    this.refreshAll();
  }

  /** Classifies anew every document that is visible or was classified, since something that its outcome depends on has changed. */
  private refreshAll(): void {
    const visible = new Set(visibleDocuments());
    for (const document of vscode.workspace.textDocuments) {
      if (visible.has(document) || this.watched.has(document)) {
        this.refresh(document, 0);
      }
    }
  }

  /** Whether a document is being classified. */
  isBusy(document: vscode.TextDocument): boolean {
    return this.watched.get(document)?.running !== undefined;
  }

  /** Classifies a document because its reader asked for it, enabled or not. */
  async classify(document: vscode.TextDocument): Promise<Outcome | undefined> {
    const refusal = refusalOf(document, 'asked');
    if (refusal) {
      return { kind: 'refused', reason: refusal };
    }
    this.watch(document).asked = true;
    return this.run(document);
  }

  /**
   * Has a comment decided by the whole model, whatever the policy, and shows what it says. It stays so until the comment, the settings or the engine change.
   * @throws what the engine does.
   */
  async classifyAtFullDepth(document: vscode.TextDocument, { text }: DecidedComment): Promise<Decision | undefined> {
    const [decision] = await this.engine.classify({ task: COMMENT_DEBT.id, texts: [text], policy: { kind: 'full' } });
    if (decision && !document.isClosed) {
      this.watch(document).decided.replace(text, decision);
      await this.run(document);
    }
    return decision;
  }

  dispose(): void {
    for (const { timer, running } of this.watched.values()) {
      clearTimeout(timer);
      running?.abort();
    }
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Classifies visible documents that have no outcome yet. */
  private refreshVisible(): void {
    for (const document of visibleDocuments()) {
      if (!this.of(document) && !this.isBusy(document) && !this.isOutdated(document)) {
        this.refresh(document, 0);
      }
    }
  }

  /** A document was edited, or is now as it is saved. */
  private onChange(document: vscode.TextDocument, edited: boolean): void {
    const watched = this.watched.get(document);
    if (!watched) {
      return;
    }
    if (!edited) {
      // Whether it is dirty is told after the edit that made it so, which is why edits are not asked.
      if (!document.isDirty && document.uri.scheme !== CELL_SCHEME) {
        this.onSave(document);
      }
    } else if (this.runMode(document) === 'onType' || !watched.outcome || isPending(watched)) {
      this.refresh(document, DEBOUNCE);
    } else {
      this.changed.fire(document);
    }
  }

  /** What a document holds has been saved, or it was reverted to what is saved. */
  private onSave(document: vscode.TextDocument): void {
    const watched = this.watched.get(document);
    if (watched && !isPending(watched) && this.of(document)?.kind !== 'done' && this.runMode(document) === 'onSave') {
      this.refresh(document, 0);
    }
  }

  private refresh(document: vscode.TextDocument, delay: number): void {
    const wanted = isWritten(document) ? this.runMode(document) !== 'never' : this.watched.get(document)?.asked;
    if (!languageById(document.languageId) || !wanted) {
      this.forget(document);
      return;
    }
    const watched = this.watch(document);
    clearTimeout(watched.timer);
    watched.timer = undefined;
    watched.running?.abort();
    watched.running = undefined;
    const refusal = refusalOf(document, watched.asked ? 'asked' : 'unasked');
    if (refusal) {
      this.set(document, { kind: 'refused', reason: refusal });
      return;
    }
    watched.timer = setTimeout(() => void this.run(document), delay);
  }

  private async run(document: vscode.TextDocument): Promise<Outcome | undefined> {
    const watched = this.watch(document);
    clearTimeout(watched.timer);
    watched.timer = undefined;
    watched.running?.abort();
    const running = new AbortController();
    watched.running = running;
    this.changed.fire(document);
    let outcome: Outcome | undefined;
    try {
      const classification = await this.ask(document, watched.decided, running.signal);
      outcome = classification && { kind: 'done', classification };
    } catch (error) {
      if (!running.signal.aborted) {
        const reason = error instanceof Error ? error.message : String(error);
        this.log.error(`${document.uri.toString()}: ${reason}`);
        outcome = { kind: 'failed', reason };
      }
    }
    if (watched.running === running) {
      watched.running = undefined;
      if (outcome && !document.isClosed) {
        this.set(document, outcome);
      }
    }
    return outcome;
  }

  /** Asks the engine for the comments of the document's current version and their decisions; nothing when an edit overtakes it. */
  private async ask(document: vscode.TextDocument, decided: DecidedTexts, signal: AbortSignal): Promise<Classification | undefined> {
    const started = performance.now();
    const { version, languageId } = document;
    const { snippets, ignored, foundBy } = await this.engine.findComments({ source: document.getText(), language: languageId }, signal);
    const policy = this.settings.policy(document);
    const model = snippets.length > 0 ? await this.engine.describe(signal) : undefined;
    const { decisions, classified } = await decided.decide(
      snippets.map(({ text }) => text),
      JSON.stringify([policy, this.engines, model?.name, model?.version, model?.backend]),
      (texts) => this.classifyTexts(texts, policy, signal),
    );
    // The edit itself cancels a request, but it is told of later than the document shows it.
    if (document.version !== version) {
      return undefined;
    }
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    const fingerprints = folder && new Fingerprints(pathIn(folder, document.uri));
    const comments = snippets.flatMap(({ text, range: { start, end } }, index) => {
      const decision = decisions[index];
      const fingerprint = decision && isFinding(COMMENT_DEBT, decision) ? fingerprints?.next(text) : undefined;
      return decision ? [{ text, range: new vscode.Range(document.positionAt(start), document.positionAt(end)), decision, fingerprint }] : [];
    });
    const findings = this.findingsOf(comments, document);
    const milliseconds = performance.now() - started;
    this.log.debug(`${document.uri.toString()} version ${version}: ${comments.length} comments, ${classified} of them new, in ${milliseconds.toFixed(1)} ms`);
    return { version, comments, findings, ignored, classified, foundBy, promise: model && promiseOf(policy, model), backend: model, milliseconds };
  }

  private async classifyTexts(texts: readonly string[], policy: PolicyChoice, signal: AbortSignal): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for (let start = 0; start < texts.length; start += COMMENTS_AT_A_TIME) {
      decisions.push(...(await this.engine.classify({ task: COMMENT_DEBT.id, texts: texts.slice(start, start + COMMENTS_AT_A_TIME), policy }, signal)));
    }
    return decisions;
  }

  private findingsOf(comments: readonly ClassifiedComment[], document: vscode.TextDocument): Finding[] {
    const severityOf = this.filter.severityIn(document);
    return comments.flatMap((comment) => {
      const severity = severityOf(comment);
      return severity === undefined ? [] : [{ ...comment, severity }];
    });
  }

  /** Shows other findings of the same classifications. What is out of date stays as it is. */
  private filterAgain(): void {
    for (const document of vscode.workspace.textDocuments) {
      const outcome = this.of(document);
      if (outcome?.kind === 'done') {
        const { classification } = outcome;
        this.set(document, { kind: 'done', classification: { ...classification, findings: this.findingsOf(classification.comments, document) } });
      }
    }
  }

  private watch(document: vscode.TextDocument): Watched {
    const watched = this.watched.get(document) ?? { decided: new DecidedTexts() };
    this.watched.set(document, watched);
    return watched;
  }

  private set(document: vscode.TextDocument, outcome: Outcome): void {
    this.watch(document).outcome = outcome;
    this.changed.fire(document);
  }

  private forget(document: vscode.TextDocument): void {
    const watched = this.watched.get(document);
    if (watched) {
      clearTimeout(watched.timer);
      watched.running?.abort();
      this.watched.delete(document);
      this.changed.fire(document);
    }
  }
}

/** Whether a document is being classified, or about to be. */
function isPending({ timer, running }: Watched): boolean {
  return timer !== undefined || running !== undefined;
}

function promiseOf(policy: PolicyChoice, { tasks }: ModelDescription): KeptPromise | undefined {
  const task = tasks.find(({ id }) => id === COMMENT_DEBT.id);
  return policy.kind === 'promise' && task ? promiseHere(policy.maxDisagreement, task) : undefined;
}

/** Whether people write this document, on whatever file system; others are output, versions of the past and the like. */
function isWritten({ uri: { scheme } }: vscode.TextDocument): boolean {
  return UNSAVED.has(scheme) || vscode.workspace.fs.isWritableFileSystem(scheme) === true;
}
