import * as z from '../schema';
import type { FileFindings } from './finding';

/** The name of a baseline in the folder that its paths are relative to. */
export const BASELINE_FILE = '.glance-baseline.json';

const VERSION = 1;

const Stored = z.strictObject({
  version: z.literal(VERSION, { error: `must be ${VERSION}: another version of Glance wrote it` }),
  findings: z.record(z.string(), z.array(z.string().check(z.regex(/^[0-9a-f]{16}$/u, 'must be a fingerprint of 16 hexadecimal digits')))),
});

/** A baseline that cannot be used. Its message goes to the user, after the name of the file: `is not JSON (...)`. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';
}

/** The findings that a team knows of and does not want to be told of again. */
export class Baseline {
  private constructor(private readonly fingerprints: ReadonlySet<string>) {}

  /** @throws {BaselineError} */
  static parse(text: string): Baseline {
    let json: unknown;
    try {
      json = JSON.parse(text.replace(/^\ufeff/u, ''));
    } catch (error) {
      throw new BaselineError(`is not JSON (${(error as Error).message})`);
    }
    const { data, error } = Stored.safeParse(json);
    if (!data) {
      const [issue] = error.issues;
      const place = issue?.path.map(String).join('.');
      throw new BaselineError(`is no baseline of Glance (${place ? `${place}: ` : ''}${issue?.message ?? 'unknown fault'})`);
    }
    return new Baseline(new Set(Object.values(data.findings).flat()));
  }

  get size(): number {
    return this.fingerprints.size;
  }

  has(fingerprint: string): boolean {
    return this.fingerprints.has(fingerprint);
  }
}

/** The text of a baseline: the same findings give the same text, in whatever order they come, a line for each. It holds nothing of their text. */
export function baselineText(files: Iterable<FileFindings>): string {
  const byPath = new Map<string, string[]>();
  for (const { path, findings } of files) {
    if (findings.length > 0) {
      byPath.set(path, findings.map(({ fingerprint }) => fingerprint).sort());
    }
  }
  const sorted = [...byPath].sort(([a], [b]) => (a < b ? -1 : 1));
  // fromEntries would put names that look like numbers first.
  const lines = sorted.map(([path, fingerprints]) => `    ${JSON.stringify(path)}: [\n${fingerprints.map((fingerprint) => `      "${fingerprint}"`).join(',\n')}\n    ]`);
  return `{\n  "version": ${VERSION},\n  "findings": {${lines.length > 0 ? `\n${lines.join(',\n')}\n  ` : ''}}\n}\n`;
}
