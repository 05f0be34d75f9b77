import type { AuditedFinding, Verdict } from './findings';
import type { FoundText } from './scan';

/** A line of the file that the reader fills in. It tells neither label nor confidence: the reader judges the comment, not the model. */
interface ReadingLine {
  readonly kinds: Verdict;
  readonly text: string;
  readonly context: string;
  readonly package: string;
  readonly path: string;
  readonly line: number;
  readonly sha256: string;
}

/** Verdicts by the SHA-256 of their texts. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** The file to read, as JSON Lines, with the verdicts that are known; in no telling order. */
export function writeReading(sample: readonly FoundText[], known: Verdicts): string {
  return [...sample]
    .sort((a, b) => a.finding.sha256.localeCompare(b.finding.sha256, 'en'))
    .map(({ finding: { package: of, path, line, sha256 }, text, context }): ReadingLine => ({ kinds: known.get(sha256) ?? null, text, context, package: of, path, line, sha256 }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/**
 * The verdicts of a file that somebody read, all or some of it.
 * @param kinds labels that a verdict may have.
 * @throws {Error} naming the line that is no verdict, and what one is.
 */
export function readVerdicts(reading: string, kinds: readonly string[]): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const [index, line] of reading.split('\n').entries()) {
    if (line.trim() === '') {
      continue;
    }
    const { sha256, kinds: verdict } = parseLine(line, index);
    if (verdict !== null && !(Array.isArray(verdict) && verdict.every((kind) => kinds.includes(kind as string)))) {
      throw new Error(`Line ${index + 1}: "kinds" must be null, or a list with any of ${kinds.join(', ')}; it is ${JSON.stringify(verdict)}.`);
    }
    verdicts.set(sha256, verdict as Verdict);
  }
  return verdicts;
}

function parseLine(line: string, index: number): { readonly sha256: string; readonly kinds: unknown } {
  try {
    const { sha256, kinds = null } = JSON.parse(line) as { sha256?: unknown; kinds?: unknown };
    if (typeof sha256 === 'string') {
      return { sha256, kinds };
    }
  } catch {
    // Said below.
  }
  throw new Error(`Line ${index + 1} is not the JSON of a finding with its "sha256".`);
}

/** Findings with the verdicts on their texts. */
export function withVerdicts<Finding extends AuditedFinding>(findings: readonly Finding[], verdicts: Verdicts): (Finding & { readonly kinds: Verdict })[] {
  return findings.map((finding) => ({ ...finding, kinds: verdicts.get(finding.sha256) ?? null }));
}
