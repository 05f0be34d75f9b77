import type { Decision } from './exits/decision';

/** Gives one decision per text, in order. */
type Classify = (texts: readonly string[]) => Promise<readonly Decision[]>;

/**
 * What the texts of a document were decided, so that after an edit only those that it has changed are classified. Texts that the document
 * does not have any more are forgotten.
 */
export class DecidedTexts {
  private circumstances = '';
  private decisions: ReadonlyMap<string, Decision> = new Map();

  /**
   * Decides the texts that the document has now. Where `classify` fails, everything stays as it was.
   * @param circumstances what decisions depend on besides the text; those that were taken under others do not hold.
   * @returns one decision per text, in order, and how many texts were classified.
   */
  async decide(texts: readonly string[], circumstances: string, classify: Classify): Promise<{ readonly decisions: readonly Decision[]; readonly classified: number }> {
    const known = circumstances === this.circumstances ? this.decisions : new Map<string, Decision>();
    const unknown = [...new Set(texts)].filter((text) => !known.has(text));
    const answers = unknown.length > 0 ? await classify(unknown) : [];
    const added = new Map(answers.map((decision, index) => [unknown[index] ?? '', decision]));
    const decided = new Map(texts.flatMap((text) => {
      const decision = added.get(text) ?? known.get(text);
      return decision ? [[text, decision]] : [];
    }));
    this.circumstances = circumstances;
    this.decisions = decided;
    return { decisions: texts.flatMap((text) => decided.get(text) ?? []), classified: unknown.length };
  }

  /** Puts a decision in the place of the one that a text has. */
  replace(text: string, decision: Decision): void {
    if (this.decisions.has(text)) {
      this.decisions = new Map([...this.decisions, [text, decision]]);
    }
  }
}
