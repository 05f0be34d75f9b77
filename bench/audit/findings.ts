/** A finding of a package, without its text. */
export interface AuditedFinding {
  /** "npm acorn 8.15.0". */
  readonly package: string;
  /** Within the package, with `/`. */
  readonly path: string;
  /** From 1 on. */
  readonly line: number;
  /** SHA-256 of the text as the model read it, in hexadecimal. */
  readonly sha256: string;
  readonly label: string;
  /** That it is a finding, whatever its label: see `findingConfidence` in src/core. */
  readonly findingConfidence: number;
  readonly exit: number;
  /** Whether the keyword rule finds it, too. */
  readonly keyword: boolean;
}

/** What somebody who read a finding says: which kinds of debt it admits, several where several fit, none where it admits none; null while nobody has read it. */
export type Verdict = readonly string[] | null;

/** A finding of the sample, with its verdict. */
export interface ReadFinding extends AuditedFinding {
  /** Name of the stratum that it was drawn from. */
  readonly stratum: string;
  readonly kinds: Verdict;
}

/** Findings that a part of the sample was drawn from: see `stratumOf`. */
export interface Stratum {
  readonly name: string;
  /** Findings in all packages. */
  readonly population: number;
}

/** What was scanned of a package. */
export interface AuditedPackage {
  /** As in `AuditedFinding`. */
  readonly name: string;
  readonly files: number;
  /** Distinct ones. */
  readonly comments: number;
  readonly findings: number;
}

/** A sample of the findings in real packages, and what it stands for: `findings.json`. */
export interface Audit {
  /** Name and version of the model package, and the SHA-256 of its model.json. */
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly maxDisagreement: number;
  readonly packages: readonly AuditedPackage[];
  readonly strata: readonly Stratum[];
  readonly findings: readonly ReadFinding[];
  /** Verdicts on texts that are no longer in the sample, by SHA-256: another model's sample may have them again. */
  readonly readBefore: Readonly<Record<string, Verdict>>;
}

/** Confidences from which the bands go, each up to the next. Where one label holds, every finding has 0.5 or more. */
export const BANDS = [0, 0.65, 0.8, 0.9, 0.97] as const;

/** The band of a finding: an index into `BANDS`. */
export function bandOf({ findingConfidence }: Pick<AuditedFinding, 'findingConfidence'>): number {
  return BANDS.findLastIndex((from) => findingConfidence >= from);
}

/** The name of a finding's stratum, its label and its band: "design, 65 to 80%". */
export function stratumOf(finding: Pick<AuditedFinding, 'label' | 'findingConfidence'>): string {
  return `${finding.label}, ${bandName(bandOf(finding))}`;
}

/** A band for people: "50 to 65%". */
export function bandName(band: number): string {
  return `${(BANDS[band] ?? 0) * 100} to ${(BANDS[band + 1] ?? 1) * 100}%`;
}
