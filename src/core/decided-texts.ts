import type { Decision } from './exits/decision';
import { Slices } from './slices';

/** Gives one decision per text, in order. */
type Classify = (texts: readonly string[]) => Promise<readonly Decision[]>;

/**
 * What the texts of a document were decided, so that after an edit only those that it has changed are classified. Texts that the document
 * does not have any more are forgotten.
 */
export class DecidedTexts {
  private circumstances = '';
  private decisions = new Map<string, Decision>();

  /**
   * Decides the texts that the document has now, in slices. Where `classify` fails or the signal is aborted, everything stays as it was.
   * @param circumstances what decisions depend on besides the text; those that were taken under others do not hold.
   * @returns one decision per text, in order, and how many texts were classified.
   */
  async decide(texts: readonly string[], circumstances: string, classify: Classify, signal?: AbortSignal): Promise<{ readonly decisions: readonly Decision[]; readonly classified: number }> {
    const known = circumstances === this.circumstances ? this.decisions : new Map<string, Decision>();
    const decided = new Map<string, Decision>();
    const news = new Set<string>();
    const slices = new Slices(signal);
    for (const text of texts) {
      const decision = known.get(text);
      if (decision) {
        decided.set(text, decision);
      } else {
        news.add(text);
      }
      await slices.next();
    }
    const unknown = [...news];
    const answers = unknown.length > 0 ? await classify(unknown) : [];
    for (const [index, decision] of answers.entries()) {
      decided.set(unknown[index] ?? '', decision);
      await slices.next();
    }
    this.circumstances = circumstances;
    this.decisions = decided;
    return { decisions: texts.flatMap((text) => decided.get(text) ?? []), classified: unknown.length };
  }

  /** Puts a decision in the place of the one that a text has. */
  replace(text: string, decision: Decision): void {
    if (this.decisions.has(text)) {
      this.decisions.set(text, decision);
    }
  }
}
