import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import { sectionsOf, type Section } from '../../core/sources/markdown/sections';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import type { BackendDescription, Engine } from '../../engine/engine';
import { Decisions } from '../answers/decisions';
import { DEBOUNCE, DocumentAnswers, type Outcome } from '../answers/document-answers';
import type { Settings } from '../settings';
import { CELL_SCHEME, isWritten } from '../written-documents';
import { isReadme } from './is-readme';

/** Longest document, in characters: cutting one takes some 35 ms a million of the host's thread, and several times that where headings are all there is. */
export const LONGEST_DOCUMENT = 500_000;

/** The documents whose sections are classified, where people write them. */
export const SELECTOR: vscode.DocumentSelector = { language: 'markdown' };

/** A section with its decision. */
export interface ClassifiedSection {
  readonly section: Section;
  readonly decision: Decision;
  /** Probability of each label. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The sections of one version of a document. */
export interface ClassifiedDocument {
  readonly sections: readonly ClassifiedSection[];
  /** What the decisions promise, where they were to keep a promise. */
  readonly promise: KeptPromise | undefined;
  /** What ran the encoder, where there was something to classify. */
  readonly backend: BackendDescription | undefined;
  /** From the request to the last answer. */
  readonly milliseconds: number;
}

/** Keeps the sections of the Markdown documents in visible editors classified. Only sections that have changed are asked for. */
export class Documents extends DocumentAnswers<ClassifiedDocument> {
  private readonly decisions: Decisions;
  /** The sections of documents as they stand now, with what is known of them. */
  private readonly sections = new WeakMap<vscode.TextDocument, readonly ClassifiedSection[]>();

  constructor(
    engine: Engine,
    private readonly settings: Settings,
    log: vscode.LogOutputChannel,
  ) {
    super(log);
    this.decisions = new Decisions(engine, DOC_SECTION.id);
    this.subscribe(
      this.onDidChange((document) => this.keepSections(document)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.refreshVisible()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.isWatched(document)) {
          this.refresh(document, DEBOUNCE);
        }
      }),
      // A document whose language has changed is closed and opened again, in the same editor.
      vscode.workspace.onDidOpenTextDocument((document) => this.refresh(document, 0)),
      settings.onDidChange(() => this.refreshAll()),
      // Which document is the README of a folder may be another.
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refreshOpen()),
    );
    this.refreshVisible();
  }

  /** The sections of a document as it stands now. What is being edited keeps its answer until it has another. */
  sectionsOf(document: vscode.TextDocument): readonly ClassifiedSection[] {
    return this.sections.get(document) ?? [];
  }

  /** Classifies a document, whatever the settings say: its reader has asked. What failed is tried again. Nothing where it is closed or given up meanwhile. */
  async classify(document: vscode.TextDocument): Promise<Outcome<ClassifiedDocument> | undefined> {
    const known = this.of(document);
    if (known?.kind === 'done') {
      return known;
    }
    const refusal = refusalOf(document);
    return refusal === undefined ? this.request(document) : { kind: 'refused', reason: refusal };
  }

  /** Classifies every document anew, since something that answers depend on has changed. */
  refreshAll(): void {
    this.decisions.forget();
    this.refreshOpen();
  }

  /** Asks the engine for the sections that it has not answered before. */
  protected override async ask(document: vscode.TextDocument, signal: AbortSignal): Promise<ClassifiedDocument> {
    const started = performance.now();
    const { version } = document;
    const sections = sectionsOf(document.getText());
    const texts = sections.map((section) => DOC_SECTION.prepare(section));
    const { decisions, classified, promise, task, model } = await this.decisions.decide(document, texts, this.settings.policy(document), signal);
    const milliseconds = performance.now() - started;
    this.log.debug(`${document.uri.toString()} version ${version}: ${sections.length} sections, ${classified} of them new, in ${milliseconds.toFixed(1)} ms`);
    return {
      sections: sections.flatMap((section, index) => {
        const decision = decisions[index];
        return decision ? [{ section, decision, probabilities: probabilitiesOf(decision, task?.labels ?? []) }] : [];
      }),
      promise,
      backend: model,
      milliseconds,
    };
  }

  protected override forget(document: vscode.TextDocument): void {
    this.sections.delete(document);
    this.decisions.forget(document);
    super.forget(document);
  }

  /** Those of an outcome, once there is one. */
  private keepSections(document: vscode.TextDocument): void {
    const outcome = this.of(document);
    if (outcome) {
      this.sections.set(document, outcome.kind === 'done' ? outcome.answer.sections : []);
    }
  }

  private refreshOpen(): void {
    for (const document of vscode.workspace.textDocuments) {
      this.refresh(document, 0);
    }
  }

  private refreshVisible(): void {
    for (const document of visibleDocuments()) {
      if (!this.of(document) && !this.isBusy(document)) {
        this.refresh(document, 0);
      }
    }
  }

  private refresh(document: vscode.TextDocument, pause: number): void {
    if (!this.isWanted(document) || !visibleDocuments().includes(document)) {
      this.forget(document);
      return;
    }
    const reason = refusalOf(document);
    if (reason !== undefined) {
      this.set(document, { kind: 'refused', reason });
      return;
    }
    this.schedule(document, pause);
    const known = this.sectionsOf(document);
    if (known.length > 0) {
      this.sections.set(document, carriedOver(known, sectionsOf(document.getText())));
      this.touch(document);
    }
  }

  private isWanted(document: vscode.TextDocument): boolean {
    return isWrittenMarkdown(document) && (this.settings.showsSections(document) || (isReadme(document) && this.settings.missingParts(document) !== 'off'));
  }
}

function probabilitiesOf({ trace }: Decision, labels: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(labels.map((label, index) => [label, trace.at(-1)?.probabilities[index] ?? 0]));
}

/** Sections after an edit with the answers from before: those of the same text, or else of the same heading, so that nothing flickers while people type. */
function carriedOver(before: readonly ClassifiedSection[], now: readonly Section[]): ClassifiedSection[] {
  const byText = new Map(before.map((classified) => [`${classified.section.heading}\n${classified.section.text}`, classified]));
  const byHeading = new Map(before.map((classified) => [classified.section.heading, classified]));
  return now.flatMap((section) => {
    const known = byText.get(`${section.heading}\n${section.text}`) ?? byHeading.get(section.heading);
    return known ? [{ ...known, section }] : [];
  });
}

/** Whether a document is Markdown that people write. Not cells of notebooks: a section goes on in the cells below, and what is shown beside a cell's heading would be of its first lines alone. */
export function isWrittenMarkdown(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SELECTOR, document) > 0 && isWritten(document) && document.uri.scheme !== CELL_SCHEME;
}

function visibleDocuments(): vscode.TextDocument[] {
  return vscode.window.visibleTextEditors.map(({ document }) => document);
}

/** Why a document cannot be classified, if so. */
function refusalOf(document: vscode.TextDocument): string | undefined {
  const { length } = document.getText();
  return length <= LONGEST_DOCUMENT
    ? undefined
    : vscode.l10n.t('This document is {0} million characters long; Glance classifies Markdown of up to {1} million.', (length / 1e6).toFixed(1), LONGEST_DOCUMENT / 1e6);
}
