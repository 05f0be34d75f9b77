import { table } from '../table';
import type { Markers } from '../report';
import { judged, type Judged, type Share } from './estimate';
import { BANDS, bandName, bandOf, type Audit } from './findings';
import { chooseLimit, LIMITS, outcomeOf, shareOf } from './limit';

/** Where the report stands in docs/audit.md. */
export const AUDIT_MARKERS: Markers = { begin: '<!-- audit: begin -->', end: '<!-- audit: end -->' };

/** An audit as Markdown. */
export function renderAudit({ model, maxDisagreement, packages, strata, findings }: Audit): string {
  const all = judged(findings, strata);
  const sum = (of: (one: Audit['packages'][number]) => number): string => packages.reduce((total, one) => total + of(one), 0).toLocaleString('en-US');
  const intro = [
    `${model.name} ${model.version} (SHA-256 of its model.json: ${model.sha256.slice(0, 12)}), at most ${percent(maxDisagreement)} other findings than the full model's:`,
    `${sum(({ findings: count }) => count)} findings in ${sum(({ comments }) => comments)} comments of ${sum(({ files }) => files)} files of ${packages.length} packages;`,
    `${all.length} of the ${findings.length} findings in the sample are read.`,
  ].join(' ');
  const among = (name: string, chosen: (one: Judged) => boolean): string[] => {
    const some = all.filter(chosen);
    return [name, String(some.length), precisionOf(some, ({ debt }) => debt), precisionOf(some, ({ rightKind }) => rightKind)];
  };
  const precision = (title: string, rows: readonly string[][]): string => table([title, 'read', 'debt', 'debt of this kind'], rows);
  const labels = [...new Set(all.map(({ finding }) => finding.label))];
  const cells = strata.map(({ name, population }) => [name, population.toLocaleString('en-US'), ...among('', ({ finding }) => finding.stratum === name).slice(1)]);
  const limits = LIMITS.map((limit) => {
    const { kept, read, debt, withoutKeyword } = outcomeOf(limit, all);
    return [String(limit), kept ? percent(kept.share) : '', String(read), describeShare(debt), String(withoutKeyword.read), describeShare(withoutKeyword.debt), describeShare(withoutKeyword.debtKept)];
  });
  const chosen = chooseLimit(all);
  return [
    intro,
    precision('', [
      among('all findings', () => true),
      among('with a keyword', ({ finding }) => finding.keyword),
      among('without a keyword', ({ finding }) => !finding.keyword),
    ]),
    precision('label', labels.map((label) => among(label, ({ finding }) => finding.label === label))),
    precision('confidence', BANDS.map((_, band) => among(bandName(band), ({ finding }) => bandOf(finding) === band))),
    table(['limit', 'findings kept', 'read', 'debt', 'read, no keyword', 'debt, no keyword', 'debt without a keyword kept'], limits),
    chosen === undefined ? 'No limit comes up to the rule.' : `The rule chooses ${chosen} for this model package.`,
    table(['drawn from', 'findings', 'read', 'debt', 'debt of this kind'], cells),
    `Packages, with the findings in them: ${packages.map(({ name, findings: count }) => `${name} (${count})`).join(', ')}.`,
  ].join('\n\n');
}

function precisionOf(some: readonly Judged[], holds: (one: Judged) => boolean): string {
  return describeShare(shareOf(some, holds));
}

/** "62% (50 to 73)". */
function describeShare(described: Share | undefined): string {
  return described ? `${percent(described.share)} (${Math.round(described.low * 100)} to ${Math.round(described.high * 100)})` : '';
}

function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}
