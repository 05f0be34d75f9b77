import * as vscode from 'vscode';
import { DecidedTexts } from '../../core/decided-texts';
import type { Decision } from '../../core/exits/decision';
import type { PolicyChoice } from '../../core/exits/policy-choice';
import type { KeptPromise } from '../../core/exits/promise';
import { sectionsOf, type Section } from '../../core/sources/markdown/sections';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import { promiseHere, type BackendDescription, type Engine } from '../../engine/engine';
import type { Settings } from '../settings';
import { isReadme } from './is-readme';

/** Pause after the last keystroke before a document is classified again, in milliseconds. */
const DEBOUNCE = 400;

/** Longest document, in characters: cutting one takes some 35 ms a million of the host's thread, and several times that where headings are all there is. */
const LONGEST_DOCUMENT = 500_000;

/** Sections in one request. */
const SECTIONS_AT_A_TIME = 500;

/** Where documents come from that people write. Not cells of notebooks: a section goes on in the cells below, and what is shown beside a cell's heading would be of its first lines alone. */
const SCHEMES: ReadonlySet<string> = new Set(['file', 'untitled', 'vscode-vfs']);

/** The documents whose sections are classified. */
export const SELECTOR: vscode.DocumentSelector = [...SCHEMES].map((scheme) => ({ language: 'markdown', scheme }));

/** A section with its decision. */
export interface ClassifiedSection {
  readonly section: Section;
  readonly decision: Decision;
  /** Probability of each label. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The sections of one version of a document. */
export interface ClassifiedDocument {
  readonly version: number;
  readonly sections: readonly ClassifiedSection[];
  /** What the decisions promise, where they were to keep a promise. */
  readonly promise: KeptPromise | undefined;
  /** What ran the encoder, where there was something to classify. */
  readonly backend: BackendDescription | undefined;
  /** From the request to the last answer. */
  readonly milliseconds: number;
}

/** What became of a document. */
export type Outcome =
  | { readonly kind: 'done'; readonly document: ClassifiedDocument }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/** One document under watch. */
interface Watched {
  decided: DecidedTexts;
  outcome?: Outcome;
  /** Its sections as they stand now, with what is known of them. */
  sections: readonly ClassifiedSection[];
  timer?: NodeJS.Timeout | undefined;
  running?: AbortController | undefined;
}

/**
 * Keeps the sections of the Markdown documents in visible editors classified. Edits are waited out, a request that was overtaken by an edit
 * is cancelled, and only sections that have changed are asked for.
 */
export class Documents implements vscode.Disposable {
  /** By document, not by its URI: the name of a document that was never saved is given to the next one as soon as it is closed. */
  private readonly watched = new Map<vscode.TextDocument, Watched>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable[];

  /** Fires when the outcome or the sections of a document have changed, or that it is being classified. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: Engine,
    private readonly settings: Settings,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      this.changed,
      vscode.window.onDidChangeVisibleTextEditors(() => this.refreshVisible()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.watched.has(document)) {
          this.refresh(document, DEBOUNCE);
        }
      }),
      // A document whose language has changed is closed and opened again, in the same editor.
      vscode.workspace.onDidOpenTextDocument((document) => this.refresh(document, 0)),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      settings.onDidChange(() => this.refreshAll()),
    ];
    this.refreshVisible();
  }

  /** The outcome for this very version of a document. */
  of(document: vscode.TextDocument): Outcome | undefined {
    const outcome = this.watched.get(document)?.outcome;
    return outcome?.kind === 'done' && outcome.document.version !== document.version ? undefined : outcome;
  }

  /** The sections of a document as it stands now. What is being edited keeps its answer until it has another. */
  sectionsOf(document: vscode.TextDocument): readonly ClassifiedSection[] {
    return this.watched.get(document)?.sections ?? [];
  }

  /** Whether a document is being classified. */
  isBusy(document: vscode.TextDocument): boolean {
    return this.watched.get(document)?.running !== undefined;
  }

  /** Classifies a document, whatever the settings say: its reader has asked. Nothing when an edit overtakes it. */
  async classify(document: vscode.TextDocument): Promise<Outcome | undefined> {
    const refusal = refusalOf(document);
    return this.of(document) ?? (refusal === undefined ? this.run(document) : { kind: 'refused', reason: refusal });
  }

  /** Classifies every document anew, since something that answers depend on has changed. */
  refreshAll(): void {
    for (const watched of this.watched.values()) {
      watched.decided = new DecidedTexts();
    }
    for (const document of vscode.workspace.textDocuments) {
      this.refresh(document, 0);
    }
  }

  dispose(): void {
    for (const { timer, running } of this.watched.values()) {
      clearTimeout(timer);
      running?.abort();
    }
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private refreshVisible(): void {
    for (const document of visibleDocuments()) {
      if (!this.of(document) && !this.isBusy(document)) {
        this.refresh(document, 0);
      }
    }
  }

  private refresh(document: vscode.TextDocument, delay: number): void {
    if (!this.isWanted(document) || !visibleDocuments().includes(document)) {
      this.forget(document);
      return;
    }
    const watched = this.watch(document);
    clearTimeout(watched.timer);
    watched.running?.abort();
    watched.running = undefined;
    const refusal = refusalOf(document);
    if (refusal !== undefined) {
      watched.sections = [];
      this.set(document, { kind: 'refused', reason: refusal });
      return;
    }
    if (watched.sections.length > 0) {
      watched.sections = carriedOver(watched.sections, sectionsOf(document.getText()));
      this.changed.fire(document);
    }
    watched.timer = setTimeout(() => void this.run(document), delay);
  }

  private isWanted(document: vscode.TextDocument): boolean {
    return vscode.languages.match(SELECTOR, document) > 0 && (this.settings.showsSections(document) || (isReadme(document) && this.settings.missingParts(document) !== 'off'));
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
      const classified = await this.ask(document, watched.decided, running.signal);
      outcome = classified && { kind: 'done', document: classified };
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
        watched.sections = outcome.kind === 'done' ? outcome.document.sections : [];
        this.set(document, outcome);
      }
    }
    return outcome;
  }

  /** Asks the engine for the sections that it has not answered before; nothing when an edit overtakes it. */
  private async ask(document: vscode.TextDocument, decided: DecidedTexts, signal: AbortSignal): Promise<ClassifiedDocument | undefined> {
    const started = performance.now();
    const { version } = document;
    const policy = this.settings.policy(document);
    const sections = sectionsOf(document.getText());
    const model = sections.length > 0 ? await this.engine.describe(signal) : undefined;
    const { decisions, classified } = await decided.decide(
      sections.map((section) => DOC_SECTION.prepare(section)),
      JSON.stringify([policy, model?.name, model?.version, model?.backend]),
      (texts) => this.classifyTexts(texts, policy, signal),
    );
    if (document.version !== version) {
      return undefined;
    }
    const task = model?.tasks.find(({ id }) => id === DOC_SECTION.id);
    const milliseconds = performance.now() - started;
    this.log.debug(`${document.uri.toString()} version ${version}: ${sections.length} sections, ${classified} of them new, in ${milliseconds.toFixed(1)} ms`);
    return {
      version,
      sections: sections.flatMap((section, index) => {
        const decision = decisions[index];
        return decision ? [{ section, decision, probabilities: probabilitiesOf(decision, task?.labels ?? []) }] : [];
      }),
      promise: policy.kind === 'promise' && task ? promiseHere(policy.maxDisagreement, task) : undefined,
      backend: model,
      milliseconds,
    };
  }

  private async classifyTexts(texts: readonly string[], policy: PolicyChoice, signal: AbortSignal): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for (let start = 0; start < texts.length; start += SECTIONS_AT_A_TIME) {
      decisions.push(...(await this.engine.classify({ task: DOC_SECTION.id, texts: texts.slice(start, start + SECTIONS_AT_A_TIME), policy }, signal)));
    }
    return decisions;
  }

  private watch(document: vscode.TextDocument): Watched {
    const watched = this.watched.get(document) ?? { sections: [], decided: new DecidedTexts() };
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
