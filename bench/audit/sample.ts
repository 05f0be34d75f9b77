import { createHash } from 'node:crypto';
import { bandOf, stratumOf, type AuditedFinding, type Stratum } from './findings';

/** Findings to read. */
const SAMPLE = 200;

/** Findings of one package in the sample, at most. */
const OF_A_PACKAGE = 10;

/** The strata that findings lie in, in order of label and band. */
export function strataOf(findings: readonly AuditedFinding[]): Stratum[] {
  const counts = new Map<string, number>();
  for (const finding of [...findings].sort((a, b) => a.label.localeCompare(b.label, 'en') || bandOf(a) - bandOf(b))) {
    counts.set(stratumOf(finding), (counts.get(stratumOf(finding)) ?? 0) + 1);
  }
  return [...counts].map(([name, population]) => ({ name, population }));
}

/**
 * A sample that has as many findings of each stratum, and all of a small one, and few of any package.
 *
 * Each text has a random number of its own, and those with the smallest are taken: a new model's findings are then mostly texts that
 * were read before, where they are findings again (permanent random numbers; Ohlsson 1995).
 */
export function drawSample(findings: readonly AuditedFinding[], seed: number, size = SAMPLE, ofPackage = OF_A_PACKAGE): AuditedFinding[] {
  const number = new Map(findings.map((finding) => [finding, createHash('sha256').update(`${seed} ${finding.sha256}`).digest('hex')]));
  const ordered = [...findings].sort((a, b) => (number.get(a) ?? '').localeCompare(number.get(b) ?? '', 'en') || a.package.localeCompare(b.package, 'en'));
  const queues = strataOf(findings).map(({ name }) => ordered.filter((finding) => stratumOf(finding) === name));
  const sample: AuditedFinding[] = [];
  const taken = { texts: new Set<string>(), ofPackage: new Map<string, number>() };
  const next = (queue: AuditedFinding[]): AuditedFinding | undefined => {
    for (let finding = queue.shift(); finding; finding = queue.shift()) {
      if (!taken.texts.has(finding.sha256) && (taken.ofPackage.get(finding.package) ?? 0) < ofPackage) {
        return finding;
      }
    }
    return undefined;
  };
  // One of each stratum in turns, until there are enough or none is left.
  for (let before = -1; sample.length < size && sample.length > before; ) {
    before = sample.length;
    for (const queue of queues) {
      const finding = sample.length < size ? next(queue) : undefined;
      if (finding) {
        taken.texts.add(finding.sha256);
        taken.ofPackage.set(finding.package, (taken.ofPackage.get(finding.package) ?? 0) + 1);
        sample.push(finding);
      }
    }
  }
  return sample;
}
