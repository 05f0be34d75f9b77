import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { estimateShare, judged } from '../../bench/audit/estimate';
import { BANDS, bandName, bandOf, stratumOf, type Audit, type AuditedFinding, type ReadFinding, type Verdict } from '../../bench/audit/findings';
import { chooseLimit, defaultLimit, LIMITS, outcomeOf } from '../../bench/audit/limit';
import { readVerdicts, withVerdicts, writeReading } from '../../bench/audit/reading';
import { renderAudit } from '../../bench/audit/report';
import { drawSample, strataOf } from '../../bench/audit/sample';
import { contributes } from '../../package.json';

const finding = (number: number, wanted: Partial<AuditedFinding> = {}): AuditedFinding => ({
  package: `npm p${number % 10} 1.0.0`,
  path: 'index.js',
  line: number + 1,
  sha256: createHash('sha256').update(String(number)).digest('hex'),
  label: 'design',
  findingConfidence: 0.9,
  exit: 1,
  keyword: false,
  ...wanted,
});

const read = (number: number, kinds: Verdict, wanted: Partial<AuditedFinding> = {}): ReadFinding => {
  const drawn = finding(number, wanted);
  return { ...drawn, stratum: stratumOf(drawn), kinds };
};

const many = (count: number, wanted: Partial<AuditedFinding> = {}, from = 0): AuditedFinding[] => Array.from({ length: count }, (_, index) => finding(from + index, wanted));

const counts = (findings: readonly AuditedFinding[], key: (one: AuditedFinding) => string): Record<string, number> => {
  const result: Record<string, number> = {};
  for (const one of findings) {
    result[key(one)] = (result[key(one)] ?? 0) + 1;
  }
  return result;
};

describe('sample of the audit', () => {
  it('has as many of each stratum, and all of a small one', () => {
    const findings = [...many(500), ...many(500, { findingConfidence: 0.4 }, 500), ...many(5, { label: 'test' }, 1000)];
    const sample = drawSample(findings, 1, 45, 100);
    assert.deepEqual(counts(sample, ({ label, findingConfidence }) => `${label} ${findingConfidence}`), { 'design 0.9': 20, 'design 0.4': 20, 'test 0.9': 5 });
  });

  it('has few of any package, and each text once', () => {
    const repeated = many(3, { package: 'npm other 1.0.0' });
    const sample = drawSample([...many(500), ...repeated], 1, 45, 3);
    assert.equal(sample.length, 30 + new Set(repeated.filter(({ sha256 }) => sample.some((one) => one.package === 'npm other 1.0.0' && one.sha256 === sha256))).size);
    assert.ok(Object.values(counts(sample, (one) => one.package)).every((count) => count <= 3));
    assert.equal(new Set(sample.map(({ sha256 }) => sha256)).size, sample.length);
  });

  it('is the same whatever the order, and another for another seed', () => {
    const findings = many(300);
    const texts = (sample: readonly AuditedFinding[]): string[] => sample.map(({ sha256 }) => sha256).sort();
    assert.deepEqual(texts(drawSample(findings, 1, 40)), texts(drawSample([...findings].reverse(), 1, 40)));
    assert.notDeepEqual(texts(drawSample(findings, 1, 40)), texts(drawSample(findings, 2, 40)));
  });

  it('keeps most of its texts when a new model finds most of what the old one found', () => {
    const before = drawSample(many(300), 1, 40, 100);
    const after = new Set(drawSample(many(300, {}, 30), 1, 40, 100).map(({ sha256 }) => sha256));
    const still = before.filter(({ line }) => line > 30);
    const kept = still.filter(({ sha256 }) => after.has(sha256)).length;
    assert.ok(kept > 0.8 * still.length, `${kept} of ${still.length}`);
  });

  it('counts the strata that it is drawn from', () => {
    assert.deepEqual(strataOf([...many(2, { label: 'test', findingConfidence: 1 }), ...many(3, { findingConfidence: 0.1 }), finding(9, { findingConfidence: BANDS[1] })]), [
      { name: `design, ${bandName(0)}`, population: 3 },
      { name: `design, ${bandName(1)}`, population: 1 },
      { name: `test, ${bandName(BANDS.length - 1)}`, population: 2 },
    ]);
    assert.deepEqual(BANDS.map((findingConfidence) => bandOf({ findingConfidence })), [...BANDS.keys()]);
    assert.equal(bandName(BANDS.length - 1), '97 to 100%');
  });
});

describe('estimates of the audit', () => {
  it("has Wilson's interval where all weigh the same", () => {
    const { share, low, high } = estimateShare(Array.from({ length: 10 }, (_, index) => ({ weight: 3, holds: index < 8 }))) ?? assert.fail();
    assert.equal(share, 0.8);
    // Wilson (1927) for 8 of 10, as in any table.
    assert.ok(Math.abs(low - 0.4902) < 1e-3 && Math.abs(high - 0.9433) < 1e-3, `${low} to ${high}`);
  });

  it('is wider where weights differ, and nothing for nothing', () => {
    const interval = (weights: readonly number[]): number => {
      const { low, high } = estimateShare(weights.map((weight, index) => ({ weight, holds: index % 2 === 0 }))) ?? assert.fail();
      return high - low;
    };
    assert.ok(interval([1, 1, 9, 9]) > interval([5, 5, 5, 5]));
    assert.equal(estimateShare([]), undefined);
  });

  it('weighs what was read back to all findings', () => {
    const findings = [
      read(0, ['defect', 'design'], { findingConfidence: 0.99 }),
      read(1, ['design'], { findingConfidence: 0.99 }),
      read(2, [], { findingConfidence: 0.2 }),
      read(3, null, { findingConfidence: 0.2 }),
      read(4, ['design'], { label: 'test' }),
    ];
    const strata = [[2, 80], [0, 10], [4, 10]].map(([of = 0, population = 0]) => ({ name: findings[of]?.stratum ?? '', population }));
    const all = judged(findings, strata);
    assert.deepEqual(all.map(({ weight, debt, rightKind }) => [weight, debt, rightKind]), [[80, false, false], [5, true, true], [5, true, true], [10, true, false]]);
    assert.equal(estimateShare(all.map(({ weight, debt }) => ({ weight, holds: debt })))?.share, 0.2);
    assert.equal(estimateShare(all.map(({ weight, rightKind }) => ({ weight, holds: rightKind })))?.share, 0.1);
  });
});

describe('default limit of the audit', () => {
  /** Findings that are the surer the higher their numbers: 100 from 50% on, one for each of 0.5%. */
  const sureness = (number: number): number => (100 + number) / 200;
  const audit = (isDebt: (number: number) => boolean, keyword: (number: number) => boolean = () => false): Audit => {
    const findings = Array.from({ length: 100 }, (_, number) => ({ ...read(number, isDebt(number) ? ['design'] : [], { findingConfidence: sureness(number), keyword: keyword(number) }), stratum: 'all' }));
    return { model: { name: 'm', version: '1', sha256: 'shipped' }, maxDisagreement: 0.02, packages: [], strata: [{ name: 'all', population: 1000 }], findings, readBefore: {} };
  };
  const choose = ({ findings, strata }: Audit): number | undefined => chooseLimit(judged(findings, strata));

  it('is the smallest at which half of the findings without a keyword are debt', () => {
    // From 60 on is debt: of the 100 - n findings above a limit, 40.
    assert.equal(choose(audit((number) => number >= 60)), 60);
    assert.equal(choose(audit((number) => number >= 70)), 70);
    assert.equal(choose(audit(() => true)), 0);
  });

  it('does not count those with a keyword, nor on a handful', () => {
    assert.equal(choose(audit((number) => number >= 50 && number < 60, (number) => number >= 50 && number < 60)), undefined);
    assert.equal(choose(audit((number) => number >= 85)), 85);
    assert.equal(choose(audit((number) => number >= 95)), undefined);
  });

  it('is none for a model package that was not audited, or where no limit will do', () => {
    const good = audit((number) => number >= 60);
    assert.deepEqual([defaultLimit(good, 'shipped'), defaultLimit(good, 'another'), defaultLimit(audit(() => false), 'shipped')], [60, 0, 0]);
  });

  it('is told with what a limit keeps', () => {
    const { findings, strata } = audit((number) => number >= 60, (number) => number % 2 === 0);
    const { kept, read: count, debt, withoutKeyword } = outcomeOf(90, judged(findings, strata));
    assert.deepEqual([kept?.share, count, debt?.share], [0.2, 20, 1]);
    assert.deepEqual([withoutKeyword.read, withoutKeyword.debt?.share, withoutKeyword.debtKept?.share], [10, 1, 0.5]);
    assert.ok(LIMITS.every((limit, index) => limit > (LIMITS[index - 1] ?? -1)));
  });
});

describe('what came out of the audit', () => {
  const ROOT = path.resolve(__dirname, '../..');
  const text = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
  const published = JSON.parse(text('bench/audit/findings.json')) as Audit;

  it('sets the default of glance.comments.minimumConfidence: "npm run audit -- --print" says how', () => {
    const shipped = createHash('sha256').update(text('models/glance-minilm/model.json')).digest('hex');
    assert.equal(contributes.configuration.properties['glance.comments.minimumConfidence'].default, defaultLimit(published, shipped));
  });

  it('is what docs/audit.md says: after a change run "npm run audit -- --print"', () => {
    assert.ok(text('docs/audit.md').includes(renderAudit(published)));
  });

  it('has been read, each finding in the stratum that it was drawn from', () => {
    assert.ok(judged(published.findings, published.strata).length >= 100);
    const strata = new Set(published.strata.map(({ name }) => name));
    assert.deepEqual(published.findings.filter(({ stratum }) => !strata.has(stratum)), []);
  });
});

describe('reading of the audit', () => {
  const sample = [finding(1), finding(2)].map((one) => ({ finding: one, text: `text ${one.line}`, context: `// text ${one.line}` }));

  it('is written with the verdicts that are known, without label and confidence, and read back', () => {
    const known = new Map([[finding(2).sha256, ['test']]]);
    const lines = writeReading(sample, known);
    assert.doesNotMatch(lines, /design|0\.9/u);
    assert.match(lines, /"text":"text 2"/u);
    const verdicts = readVerdicts(lines.replace('"kinds":null', '"kinds":[]'), ['test']);
    assert.deepEqual(withVerdicts([finding(1), finding(2), finding(3)], verdicts).map(({ kinds }) => kinds), [[], ['test'], null]);
  });

  it('says which line is no verdict', () => {
    const lines = writeReading(sample, new Map());
    assert.throws(() => readVerdicts(lines.replace(/null(?=[^\n]*\n$)/u, '["tset"]'), ['test']), /Line 2: "kinds" must be null, or a list with any of test; it is \["tset"\]\./u);
    assert.throws(() => readVerdicts(`${lines}{"kinds":\n`, []), /Line 3 is not the JSON/u);
  });
});

describe('report of the audit', () => {
  const audit: Audit = {
    model: { name: 'glance-minilm', version: '1.2.3', sha256: 'c0ffeec0ffeec0ffee' },
    maxDisagreement: 0.02,
    packages: [{ name: 'npm p1 1.0.0', files: 3, comments: 2000, findings: 100 }],
    strata: [{ name: `design, ${bandName(0)}`, population: 90 }, { name: `test, ${bandName(BANDS.length - 1)}`, population: 10 }],
    findings: [
      read(1, [], { findingConfidence: 0.1, keyword: true }),
      read(2, ['test'], { label: 'test', findingConfidence: 1 }),
      read(3, null, { label: 'test', findingConfidence: 1 }),
    ],
    readBefore: {},
  };
  const row = (title: string): string => renderAudit(audit).split('\n').map((line) => line.replace(/ +/gu, ' ')).find((line) => line.startsWith(`| ${title} |`)) ?? '';

  it('gives precision for all, by label, by confidence and above every limit', () => {
    const report = renderAudit(audit);
    assert.match(report, /100 findings in 2,000 comments of 3 files of 1 packages; 2 of the 3 findings in the sample are read\./u);
    assert.match(row('all findings'), /\| 2 \| 10% \(\d+ to \d+\) \| 10% /u);
    assert.match(row('with a keyword'), /\| 1 \| 0% /u);
    assert.match(row('test'), /\| 1 \| 100% /u);
    assert.match(row('97 to 100%'), /\| 1 \| 100% /u);
    assert.match(row('90'), /\| 90 \| 10% \| 1 \| 100% [^|]*\| 1 \| 100% [^|]*\| 100% /u);
    assert.match(row('design, 0 to 65%'), /\| 90 \| 1 \| 0% /u);
    assert.match(report, /^No limit comes up to the rule\.$/mu);
  });

  it('leaves empty what nobody has read', () => {
    assert.match(renderAudit({ ...audit, findings: [] }), /\| all findings +\| +0 \| +\| +\|/u);
  });
});
