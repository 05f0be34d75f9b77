import type { Decision } from '../../core/exits/decision';

/** A comment that admits debt, for a language model. */
export interface DebtFinding {
  /** From 1 on. */
  readonly line: number;
  readonly label: string;
  /** That it admits debt, of whatever kind: from 0 to 1. */
  readonly confidence: number;
  /** The comment, without its markers. */
  readonly text: string;
}

/** How long an answer may be; the caller's own tokenizer counts. */
export interface TokenBudget {
  readonly tokenBudget: number;
  countTokens(text: string): PromiseLike<number>;
}

/** Characters of a comment in an answer: its line tells where the rest is. */
const LONGEST_TEXT = 300;

/**
 * The comments that admit debt, as compact JSON. Where the budget is too small for all, the least certain are left out, and counted as `omitted`.
 * @param comments how many were looked at.
 * @param findings in the order in which they are to be told.
 */
export async function debtAnswer(comments: number, findings: readonly DebtFinding[], budget?: TokenBudget): Promise<string> {
  const shortened = findings.map(({ text, confidence, ...rest }) => ({ ...rest, confidence: rounded(confidence), text: shorten(text) }));
  const tell = (kept: number): string => {
    const least = new Set(leastCertain(findings, findings.length - kept));
    const omitted = least.size > 0 ? { omitted: least.size } : {};
    return JSON.stringify({ comments, findings: shortened.filter((_, index) => !least.has(index)), ...omitted });
  };
  const fits = async (text: string): Promise<boolean> => !budget || (await budget.countTokens(text)) <= budget.tokenBudget;
  const all = tell(findings.length);
  if (await fits(all)) {
    return all;
  }
  // Counting may ask another process: as seldom as can be.
  let kept = 0;
  let tooMany = findings.length;
  while (tooMany - kept > 1) {
    const middle = Math.floor((kept + tooMany) / 2);
    if (await fits(tell(middle))) {
      kept = middle;
    } else {
      tooMany = middle;
    }
  }
  return tell(kept);
}

/** The type of a commit, as compact JSON. */
export function commitTypeAnswer({ label, confidence }: Pick<Decision, 'label' | 'confidence'>): string {
  return JSON.stringify({ type: label, confidence: rounded(confidence) });
}

/** Indices of the findings that are the least certain. */
function leastCertain(findings: readonly DebtFinding[], count: number): number[] {
  return findings
    .map(({ confidence }, index) => ({ confidence, index }))
    .sort((a, b) => a.confidence - b.confidence)
    .slice(0, count)
    .map(({ index }) => index);
}

function rounded(probability: number): number {
  return Math.floor(probability * 100) / 100;
}

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT).trimEnd()} ...`;
}
