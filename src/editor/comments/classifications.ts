import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import { Fingerprints } from '../../core/findings/fingerprint';
import { Slices } from '../../core/slices';
import { languageById } from '../../core/sources/comments/languages';
import type { CommentsFound } from '../../core/sources/comments/comments';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { isFinding } from '../../core/tasks/describe';
import type { BackendDescription, Engine } from '../../engine/engine';
import { Decisions } from '../answers/decisions';
import { DEBOUNCE, DocumentAnswers, type Outcome } from '../answers/document-answers';
import { pathIn } from '../workspace-files';
import { Settings, type RunMode } from '../settings';
import { CELL_SCHEME, isWritten } from '../written-documents';
import type { DecidedComment, FindingFilter } from '../findings/finding-filter';
import { rangeIn } from '../ranges';
import { refusalOf } from './refusal';
import { visibleDocuments } from './visible-documents';

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

/**
 * Keeps the classification of the documents in visible editors as up to date as `glance.comments.run` wants it. Only comments that were not decided
 * before are sent to the engine.
 */
export class Classifications extends DocumentAnswers<Classification> {
  private readonly decisions: Decisions;
  /** Documents whose readers asked for it: they stay classified until they are closed, even if `glance.comments.run` is `never`. */
  private readonly asked = new WeakSet<vscode.TextDocument>();

  constructor(
    private readonly engine: Engine,
    private readonly settings: Settings,
    private readonly filter: FindingFilter,
    log: vscode.LogOutputChannel,
  ) {
    super(log);
    this.decisions = new Decisions(engine, COMMENT_DEBT.id);
    this.subscribe(
      vscode.window.onDidChangeVisibleTextEditors(() => this.refreshVisible()),
      vscode.window.onDidChangeVisibleNotebookEditors(() => this.refreshVisible()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => this.onChange(document, contentChanges.length > 0)),
      vscode.workspace.onDidSaveNotebookDocument((notebook) => notebook.getCells().forEach(({ document }) => this.onSave(document))),
      // A document whose language has changed is closed and opened again, in the same editor.
      vscode.workspace.onDidOpenTextDocument((document) => void (visibleDocuments().includes(document) && this.refresh(document, 0))),
      settings.onDidChange((event) => (Settings.changesEngine(event) ? this.decideAnew() : this.refreshAll())),
      filter.onDidChange(() => this.filterAgain()),
      // A finding is known from a baseline by its path in its folder.
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refreshAll()),
    );
    this.refreshVisible();
  }

  /** Whether a document has an outcome of an earlier version, which nothing replaces until it is saved or its reader asks. */
  isOutdated(document: vscode.TextDocument): boolean {
    return this.latest(document) !== undefined && this.of(document) === undefined && !this.isPending(document);
  }

  /** When a document is classified. */
  runMode(document: vscode.TextDocument): RunMode {
    const mode = this.settings.run(document);
    return mode === 'never' && this.asked.has(document) ? 'onType' : mode;
  }

  /** Decides every comment anew, since another engine may decide otherwise. */
  decideAnew(): void {
    this.decisions.forget();
    this.refreshAll();
  }

  /** Classifies a document because its reader asked for it, enabled or not. Nothing where it is closed meanwhile. */
  async classify(document: vscode.TextDocument): Promise<Outcome<Classification> | undefined> {
    const refusal = refusalOf(document, 'asked');
    if (refusal) {
      return { kind: 'refused', reason: refusal };
    }
    this.asked.add(document);
    return this.request(document);
  }

  /**
   * Has a comment decided by the whole model, whatever the policy, and shows what it says. It stays so until the comment, the settings or the engine change.
   * @throws what the engine does.
   */
  async classifyAtFullDepth(document: vscode.TextDocument, { text }: DecidedComment): Promise<Decision | undefined> {
    const [decision] = await this.engine.classify({ task: COMMENT_DEBT.id, texts: [text], policy: { kind: 'full' } });
    if (decision && !document.isClosed) {
      this.decisions.replace(document, text, decision);
      await this.request(document);
    }
    return decision;
  }

  /** Asks the engine for the comments of the document and their decisions. */
  protected override async ask(document: vscode.TextDocument, signal: AbortSignal): Promise<Classification> {
    const started = performance.now();
    const { version, languageId } = document;
    const { snippets, ignored, foundBy } = await this.engine.findComments({ source: document.getText(), language: languageId }, signal);
    const texts = snippets.map(({ text }) => text);
    const { decisions, classified, promise, model } = await this.decisions.decide(document, texts, this.settings.policy(document), signal);
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    const fingerprints = folder && new Fingerprints(pathIn(folder, document.uri));
    const comments: ClassifiedComment[] = [];
    const slices = new Slices(signal);
    for (const [index, { text, range }] of snippets.entries()) {
      const decision = decisions[index];
      if (decision) {
        const fingerprint = isFinding(COMMENT_DEBT, decision) ? fingerprints?.next(text) : undefined;
        comments.push({ text, range: rangeIn(document, range), decision, fingerprint });
      }
      await slices.next();
    }
    // In one go, so that no change of the filter comes in between.
    const findings = this.findingsOf(comments, document);
    const milliseconds = performance.now() - started;
    this.log.debug(`${document.uri.toString()} version ${version}: ${comments.length} comments, ${classified} of them new, in ${milliseconds.toFixed(1)} ms`);
    return { comments, findings, ignored, classified, foundBy, promise, backend: model, milliseconds };
  }

  protected override forget(document: vscode.TextDocument): void {
    this.asked.delete(document);
    this.decisions.forget(document);
    super.forget(document);
  }

  /** Classifies anew every document that is visible or was classified, since something that its outcome depends on has changed. */
  private refreshAll(): void {
    const visible = new Set(visibleDocuments());
    for (const document of vscode.workspace.textDocuments) {
      if (visible.has(document) || this.isWatched(document)) {
        this.refresh(document, 0);
      }
    }
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
    if (!this.isWatched(document)) {
      return;
    }
    if (!edited) {
      // Whether it is dirty is told after the edit that made it so, which is why edits are not asked.
      if (!document.isDirty && document.uri.scheme !== CELL_SCHEME) {
        this.onSave(document);
      }
    } else if (this.runMode(document) === 'onType' || !this.latest(document) || this.isPending(document)) {
      this.refresh(document, DEBOUNCE);
    } else {
      this.touch(document);
    }
  }

  /** What a document holds has been saved, or it was reverted to what is saved. */
  private onSave(document: vscode.TextDocument): void {
    if (this.isWatched(document) && !this.isPending(document) && this.of(document)?.kind !== 'done' && this.runMode(document) === 'onSave') {
      this.refresh(document, 0);
    }
  }

  private refresh(document: vscode.TextDocument, pause: number): void {
    const wanted = isWritten(document) ? this.runMode(document) !== 'never' : this.asked.has(document);
    if (!languageById(document.languageId) || !wanted) {
      this.forget(document);
      return;
    }
    const reason = refusalOf(document, this.asked.has(document) ? 'asked' : 'unasked');
    if (reason) {
      this.set(document, { kind: 'refused', reason });
    } else {
      this.schedule(document, pause);
    }
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
        this.replace(document, { ...outcome.answer, findings: this.findingsOf(outcome.answer.comments, document) });
      }
    }
  }
}
