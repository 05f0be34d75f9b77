import type * as vscode from 'vscode';
import { DecidedTexts } from '../../core/decided-texts';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import { promiseHere, type ClassifyRequest, type Engine, type ModelDescription, type TaskDescription } from '../../engine/engine';

/** Texts in one request: enough for full batches, little enough that an answer is no burden for the host's thread. */
const TEXTS_AT_A_TIME = 500;

/** What the texts of a document were decided. */
export interface Decided {
  /** One per text, in order. */
  readonly decisions: readonly Decision[];
  /** How many different texts were new, so that the engine was asked about them. */
  readonly classified: number;
  /** What the decisions promise, where they were to keep a promise. */
  readonly promise: KeptPromise | undefined;
  /** The task as the model knows it, and what answered, where there was something to decide. */
  readonly task: TaskDescription | undefined;
  readonly model: ModelDescription | undefined;
}

/** The decisions of one of the model's tasks on the texts of documents. What an edit leaves as it was is not asked for again. */
export class Decisions {
  private decided = new WeakMap<vscode.TextDocument, DecidedTexts>();

  /** @param task identifier of the task. */
  constructor(
    private readonly engine: Engine,
    private readonly task: string,
  ) {}

  /**
   * Decides the texts that a document has now.
   * @throws what the engine does.
   */
  async decide(document: vscode.TextDocument, texts: readonly string[], policy: ClassifyRequest['policy'], signal: AbortSignal): Promise<Decided> {
    const decided = this.decided.get(document) ?? new DecidedTexts();
    this.decided.set(document, decided);
    const model = texts.length > 0 ? await this.engine.describe(signal) : undefined;
    const task = model?.tasks.find(({ id }) => id === this.task);
    const { decisions, classified } = await decided.decide(
      texts,
      JSON.stringify([policy, model?.name, model?.version, model?.backend]),
      (unknown) => classifyAll(this.engine, { task: this.task, texts: unknown, policy }, signal),
      signal,
    );
    if (decisions.some(({ engine }) => engine !== model?.backend)) {
      // The engine that was described died, and another has answered, maybe without an encoder: that is not to stay as if the first had.
      this.decided.delete(document);
    }
    return { decisions, classified, model, task, promise: policy.kind === 'promise' && task ? promiseHere(policy.maxDisagreement, task) : undefined };
  }

  /** Puts a decision in the place of the one that a text of a document has. */
  replace(document: vscode.TextDocument, text: string, decision: Decision): void {
    this.decided.get(document)?.replace(text, decision);
  }

  /** Decides everything anew from now on, of one document or of all. */
  forget(document?: vscode.TextDocument): void {
    if (document) {
      this.decided.delete(document);
    } else {
      this.decided = new WeakMap();
    }
  }
}

/**
 * Classifies texts, however many, a part at a time.
 * @throws what the engine does.
 */
export async function classifyAll(engine: Engine, request: ClassifyRequest, signal: AbortSignal): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for (let start = 0; start < request.texts.length; start += TEXTS_AT_A_TIME) {
    decisions.push(...(await engine.classify({ ...request, texts: request.texts.slice(start, start + TEXTS_AT_A_TIME) }, signal)));
  }
  return decisions;
}
