import { table } from '../table';
import type { Markers } from '../report';
import { estimateShare, judged, type Judged, type Share } from './estimate';
import { BANDS, bandName, bandOf, type Audit } from './findings';

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
    return [name, String(some.length), share(some, ({ debt }) => debt), share(some, ({ rightKind }) => rightKind)];
  };
  const precision = (title: string, rows: readonly string[][]): string => table([title, 'read', 'debt', 'debt of this kind'], rows);
  const labels = [...new Set(strata.map(({ label }) => label))];
  const cells = strata.map(({ label, band, population }) => {
    const [, ...shares] = among('', ({ finding }) => finding.label === label && bandOf(finding.confidence) === band);
    return [`${label}, ${bandName(band)}`, population.toLocaleString('en-US'), ...shares];
  });
  const total = all.reduce((weights, { weight }) => weights + weight, 0);
  const limits = BANDS.map((from) => {
    const kept = all.filter(({ finding }) => finding.confidence >= from);
    const rest = kept.reduce((weights, { weight }) => weights + weight, 0) / total;
    return [`${from * 100}`, Number.isNaN(rest) ? '' : percent(rest), ...among('', ({ finding }) => finding.confidence >= from).slice(1)];
  });
  return [
    intro,
    precision('', [
      among('all findings', () => true),
      among('with a keyword', ({ finding }) => finding.keyword),
      among('without a keyword', ({ finding }) => !finding.keyword),
    ]),
    precision('label', labels.map((label) => among(label, ({ finding }) => finding.label === label))),
    precision('confidence', BANDS.map((_, band) => among(bandName(band), ({ finding }) => bandOf(finding.confidence) === band))),
    table(['`glance.comments.minimumConfidence`', 'findings left', 'read', 'debt', 'debt of this kind'], limits),
    table(['label and confidence', 'findings', 'read', 'debt', 'debt of this kind'], cells),
    `Packages, with the findings in them: ${packages.map(({ name, findings: count }) => `${name} (${count})`).join(', ')}.`,
  ].join('\n\n');
}

function share(some: readonly Judged[], holds: (one: Judged) => boolean): string {
  const estimated = estimateShare(some.map((one) => ({ weight: one.weight, holds: holds(one) })));
  return estimated ? describeShare(estimated) : '';
}

/** "62% (50 to 73)". */
function describeShare({ share: middle, low, high }: Share): string {
  return `${percent(middle)} (${Math.round(low * 100)} to ${Math.round(high * 100)})`;
}

function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}
