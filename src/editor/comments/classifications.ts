import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import type { PolicyChoice } from '../../core/exits/policy-choice';
import { languageById } from '../../core/sources/comments/languages';
import { LONGEST_SOURCE, type CommentsFound } from '../../core/sources/comments/comments';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { promiseHere, type BackendDescription, type Engine, type ModelDescription } from '../../engine/engine';
import type { Settings } from '../settings';
import type { DecidedComment, FindingFilter } from './finding-filter';

/** Pause after the last keystroke before a document is classified again, in milliseconds. */
const DEBOUNCE = 400;

/** Longest document, in characters, that is classified without being asked for: cutting it takes tenths of a second. */
const LONGEST_UNASKED = 2_000_000;

/** Comments in one request: enough for full batches, little enough that an answer is no burden for the host's thread. */
const COMMENTS_AT_A_TIME = 1000;

/** Documents that people write though no file system has them as they are. */
const UNSAVED: ReadonlySet<string> = new Set(['untitled', 'vscode-notebook-cell']);

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
  outcome?: Outcome;
  /** Its reader asked for it: it stays classified until it is closed, whatever `glance.enable` says. */
  asked?: boolean;
  timer?: NodeJS.Timeout | undefined;
  running?: AbortController | undefined;
}

/**
 * Keeps the classification of the documents in visible editors up to date. Edits are waited out, a request that was overtaken by
 * an edit is cancelled, and its answers are dropped.
 */
export class Classifications implements vscode.Disposable {
  private readonly watched = new Map<string, Watched>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable[];

  /** Fires when the outcome of a document has changed, or that it is being classified. */
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
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.watched.has(keyOf(document))) {
          this.refresh(document, DEBOUNCE);
        }
      }),
      // A document whose language has changed is closed and opened again, in the same editor.
      vscode.workspace.onDidOpenTextDocument((document) => void (visibleDocuments().includes(document) && this.refresh(document, 0))),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      settings.onDidChange(() => this.refreshAll()),
    ];
    this.refreshVisible();
  }

  /** The outcome for this very version of a document. */
  of(document: vscode.TextDocument): Outcome | undefined {
    const outcome = this.watched.get(keyOf(document))?.outcome;
    return outcome?.kind === 'done' && outcome.classification.version !== document.version ? undefined : outcome;
  }

  /** Classifies anew every document that is visible or was classified, since something that its outcome depends on has changed. */
  refreshAll(): void {
    const visible = new Set(visibleDocuments());
    for (const document of vscode.workspace.textDocuments) {
      if (visible.has(document) || this.watched.has(keyOf(document))) {
        this.refresh(document, 0);
      }
    }
  }

  /** Whether a document is being classified. */
  isBusy(document: vscode.TextDocument): boolean {
    return this.watched.get(keyOf(document))?.running !== undefined;
  }

  /** Classifies a document because its reader asked for it, enabled or not. */
  async classify(document: vscode.TextDocument): Promise<Outcome | undefined> {
    const refusal = refusalOf(document, LONGEST_SOURCE);
    if (refusal) {
      return { kind: 'refused', reason: refusal };
    }
    this.watch(document).asked = true;
    return this.run(document);
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
      if (!this.of(document) && !this.isBusy(document)) {
        this.refresh(document, 0);
      }
    }
  }

  private refresh(document: vscode.TextDocument, delay: number): void {
    const wanted = this.watched.get(keyOf(document))?.asked === true || (isWritten(document) && this.settings.isEnabled(document));
    if (!languageById(document.languageId) || !wanted) {
      this.forget(document);
      return;
    }
    const watched = this.watch(document);
    clearTimeout(watched.timer);
    watched.running?.abort();
    watched.running = undefined;
    const refusal = refusalOf(document, watched.asked ? LONGEST_SOURCE : LONGEST_UNASKED);
    if (refusal) {
      this.set(document, { kind: 'refused', reason: refusal });
      return;
    }
    watched.timer = setTimeout(() => void this.run(document), delay);
  }

  private async run(document: vscode.TextDocument): Promise<Outcome | undefined> {
    const watched = this.watch(document);
    clearTimeout(watched.timer);
    watched.running?.abort();
    const running = new AbortController();
    watched.running = running;
    this.changed.fire(document);
    let outcome: Outcome | undefined;
    try {
      const classification = await this.ask(document, running.signal);
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
  private async ask(document: vscode.TextDocument, signal: AbortSignal): Promise<Classification | undefined> {
    const started = performance.now();
    const { version, languageId } = document;
    const { snippets, foundBy } = await this.engine.findComments({ source: document.getText(), language: languageId }, signal);
    const policy = this.settings.policy(document);
    const decisions: Decision[] = [];
    for (let start = 0; start < snippets.length; start += COMMENTS_AT_A_TIME) {
      const texts = snippets.slice(start, start + COMMENTS_AT_A_TIME).map(({ text }) => text);
      decisions.push(...(await this.engine.classify({ task: COMMENT_DEBT.id, texts, policy }, signal)));
    }
    const model = snippets.length > 0 ? await this.engine.describe(signal) : undefined;
    // The edit itself cancels a request, but it is told of later than the document shows it.
    if (document.version !== version) {
      return undefined;
    }
    const comments = snippets.flatMap(({ text, range: { start, end } }, index) => {
      const decision = decisions[index];
      return decision ? [{ text, range: new vscode.Range(document.positionAt(start), document.positionAt(end)), decision }] : [];
    });
    const findings = comments.flatMap((comment) => {
      const severity = this.filter.severityOf(comment, document);
      return severity === undefined ? [] : [{ ...comment, severity }];
    });
    const milliseconds = performance.now() - started;
    this.log.debug(`${document.uri.toString()} version ${version}: ${comments.length} comments in ${milliseconds.toFixed(1)} ms`);
    return { version, comments, findings, foundBy, promise: model && promiseOf(policy, model), backend: model, milliseconds };
  }

  private watch(document: vscode.TextDocument): Watched {
    const key = keyOf(document);
    const watched = this.watched.get(key) ?? {};
    this.watched.set(key, watched);
    return watched;
  }

  private set(document: vscode.TextDocument, outcome: Outcome): void {
    this.watch(document).outcome = outcome;
    this.changed.fire(document);
  }

  private forget(document: vscode.TextDocument): void {
    const watched = this.watched.get(keyOf(document));
    if (watched) {
      clearTimeout(watched.timer);
      watched.running?.abort();
      this.watched.delete(keyOf(document));
      this.changed.fire(document);
    }
  }
}

function visibleDocuments(): vscode.TextDocument[] {
  return vscode.window.visibleTextEditors.map(({ document }) => document);
}

function promiseOf(policy: PolicyChoice, { tasks }: ModelDescription): KeptPromise | undefined {
  const task = tasks.find(({ id }) => id === COMMENT_DEBT.id);
  return policy.kind === 'promise' && task ? promiseHere(policy.maxDisagreement, task) : undefined;
}

/** Whether people write this document, on whatever file system; others are output, versions of the past and the like. */
function isWritten({ uri: { scheme } }: vscode.TextDocument): boolean {
  return UNSAVED.has(scheme) || vscode.workspace.fs.isWritableFileSystem(scheme) === true;
}

/** Characters of a document, without putting together its text, which takes long where there is much of it. */
function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}

function keyOf({ uri }: vscode.TextDocument): string {
  return uri.toString();
}

/** Why a document cannot be classified, if so. */
function refusalOf(document: vscode.TextDocument, longest: number): string | undefined {
  if (!languageById(document.languageId)) {
    return `Glance does not know how comments are written in the language "${document.languageId}".`;
  }
  const length = lengthOf(document);
  if (length <= longest) {
    return undefined;
  }
  const size = `This file is ${(length / 1e6).toFixed(1)} million characters long`;
  return longest < LONGEST_SOURCE && length <= LONGEST_SOURCE
    ? `${size}, too long to be classified while you work. Run "Glance: Classify File" to classify it now.`
    : `${size}; Glance classifies files of up to ${LONGEST_SOURCE / 1e6} million.`;
}
