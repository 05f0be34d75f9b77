import assert from 'node:assert/strict';
import type { Log } from 'sarif';
import { Baseline, BaselineError, baselineText } from '../../src/core/findings/baseline';
import { excerptOf, type FileFindings, type Finding } from '../../src/core/findings/finding';
import { Fingerprints } from '../../src/core/findings/fingerprint';
import { bandOf, groupByConfidence, groupByFolder, groupByLabel, type FileGroup, type FindingGroup } from '../../src/core/findings/group';
import { REPORT_FORMATS, type Report } from '../../src/core/findings/report';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';

/** Of whose label nobody is sure. */
const finding = (text: string, label = 'design', findingConfidence = 0.81, line = 0): Finding => ({
  text,
  decision: { label, labels: [label], confidence: 0.3, findingConfidence, exit: 2, lastExit: 3 },
  start: { line, column: 4 },
  end: { line: line + 1, column: 7 },
  fingerprint: new Fingerprints('a.ts').next(text),
});

const file = (path: string, ...findings: Finding[]): FileFindings => ({ path, findings });

const report = (...files: FileFindings[]): Report => ({ task: COMMENT_DEBT, version: '1.2.3', folders: [{ name: 'shop', files }] });

const written = (id: string, given: Report): string => [...(REPORT_FORMATS.find((format) => format.id === id)?.write(given) ?? [])].join('');

describe('fingerprints', () => {
  const all = (path: string, texts: readonly string[]): string[] => {
    const fingerprints = new Fingerprints(path);
    return texts.map((text) => fingerprints.next(text));
  };

  it('tell path, text and occurrence apart, and nothing else', () => {
    const [first, second, other] = all('src/a.ts', ['hack', 'hack', 'fix me']);
    assert.equal(new Set([first, second, other, ...all('src/b.ts', ['hack'])]).size, 4);
    assert.deepEqual(all('src/a.ts', ['fix me', 'something new', 'hack', 'hack']).filter((_, index) => index !== 1), [other, first, second]);
  });

  it('are the same everywhere and for ever: baselines are shared', () => {
    assert.deepEqual(all('src/größe.ts', ['TODO: naïve 😀']), ['93248328692b1746']);
  });
});

describe('a baseline', () => {
  const files = [file('src/b.ts', finding('two'), finding('one')), file('10.ts', finding('three')), file('9.ts', finding('four')), file('empty.ts')];

  it('has the findings that it was made of', () => {
    const baseline = Baseline.parse(baselineText(files));
    assert.equal(baseline.size, 4);
    assert.ok(files.every(({ findings }) => findings.every(({ fingerprint }) => baseline.has(fingerprint))));
    assert.equal(baseline.has(finding('five').fingerprint), false);
  });

  it('is the same text in whatever order the findings come, a line for each', () => {
    const text = baselineText(files);
    assert.equal(baselineText([...files].reverse().map(({ path, findings }) => file(path, ...[...findings].reverse()))), text);
    assert.deepEqual(text.match(/"[^"]+": \[/gu), ['"10.ts": [', '"9.ts": [', '"src/b.ts": [']);
    assert.equal(text.split('\n').filter((line) => /^ {6}"[0-9a-f]{16}",?$/u.test(line)).length, 4);
  });

  it('holds nothing of the text of comments', () => {
    assert.doesNotMatch(baselineText(files), /one|two|three|four/u);
  });

  it('may be empty', () => {
    assert.equal(Baseline.parse(baselineText([])).size, 0);
  });

  for (const [what, text, message] of [
    ['is cut off', '{"version": 1, "findings"', /^is not JSON/u],
    ['is something else', '{"name": "shop"}', /^is no baseline of Glance \(version: must be 1/u],
    ['is of another version', '{"version": 2, "findings": {}}', /version: must be 1: another version/u],
    ['has a fingerprint that is none', '{"version": 1, "findings": {"a.ts": ["xyz"]}}', /findings\.a\.ts\.0: must be a fingerprint/u],
    ['has a field of its own', '{"version": 1, "findings": {}, "extra": 1}', /extra/u],
  ] as const) {
    it(`is refused when it ${what}`, () => {
      assert.throws(() => Baseline.parse(text), (error) => error instanceof BaselineError && message.test(error.message));
    });
  }
});

describe('groups of findings', () => {
  const files = [
    file('src/core/a.ts', finding('1', 'design', 0.95), finding('2', 'test', 0.3)),
    file('src/core/b.ts', finding('3', 'design', 0.6)),
    file('z.ts', finding('4', 'defect', 0.9)),
    file('none.ts'),
  ];
  const shape = (groups: readonly (FindingGroup<FileFindings> | FileGroup<FileFindings>)[]): unknown[] =>
    groups.map((group) => (group.kind === 'file' ? `${group.file.path}:${group.findings.map(({ text }) => text).join()}` : { [`${group.key} ${group.count}`]: shape(group.groups) }));

  it('are by label, in the order of the labels', () => {
    assert.deepEqual(shape(groupByLabel(files, Object.keys(COMMENT_DEBT.labels))), [{ 'design 2': ['src/core/a.ts:1', 'src/core/b.ts:3'] }, { 'defect 1': ['z.ts:4'] }, { 'test 1': ['src/core/a.ts:2'] }]);
  });

  it('are by folder, those in a row together, before files', () => {
    assert.deepEqual(shape(groupByFolder(files)), [{ 'src/core 3': ['src/core/a.ts:1,2', 'src/core/b.ts:3'] }, 'z.ts:4']);
  });

  it('are by confidence, the surest first', () => {
    assert.deepEqual(shape(groupByConfidence(files)), [{ '0.9 2': ['src/core/a.ts:1', 'z.ts:4'] }, { '0.5 1': ['src/core/b.ts:3'] }, { '0 1': ['src/core/a.ts:2'] }]);
    assert.deepEqual([1, 0.9, 0.89, 0.5, 0.49, 0].map((confidence) => bandOf(finding('', 'design', confidence))), [0.9, 0.9, 0.75, 0.5, 0, 0]);
  });
});

describe('an excerpt', () => {
  it('is cut between characters, and cannot command a terminal', () => {
    assert.equal(excerptOf('short'), 'short');
    assert.equal(excerptOf('abc😀', 4), 'abc…');
    assert.equal(excerptOf('\u001b[2J'), '\ufffd[2J');
  });
});

describe('reports', () => {
  const nasty = 'HACK: [x](http://a) <b> | `c` "\n" \u2028 😀';

  it('are valid JSON, or Markdown, with nothing in them, too', () => {
    for (const id of ['sarif', 'json']) {
      assert.doesNotThrow(() => JSON.parse(written(id, report())) as unknown, id);
    }
    assert.match(written('markdown', report()), /^# Findings of Glance\n/u);
  });

  it('as JSON have a line for each finding, counted from 1', () => {
    const text = written('json', report(file('src/a b.ts', finding(nasty), finding('two', 'test', 0.5, 6))));
    const { findings, ...head } = JSON.parse(text) as { findings: Record<string, unknown>[] };
    assert.deepEqual(head, { tool: 'Glance', version: '1.2.3', task: 'comment-debt' });
    assert.deepEqual(findings[1], { path: 'src/a b.ts', line: 7, column: 5, endLine: 8, endColumn: 8, label: 'test', confidence: 0.3, findingConfidence: 0.5, exit: 2, text: 'two', fingerprint: finding('two').fingerprint });
    assert.equal(text.trim().split('\n').length, 4);
  });

  it('as Markdown show comments as they are, never as links or HTML', () => {
    const text = written('markdown', report(file('src/a_b.ts', finding(nasty))));
    assert.match(text, /\| Design debt \| 1 \|/u);
    assert.match(text, /^### src\/a\\_b\.ts$/mu);
    assert.match(text, /^\| 1 \| Design debt \| 81% \| HACK: \\\[x\\\]\(http:\/\/a\) \\<b\\> \\\| \\`c\\` /mu);
  });

  it('name their folders where there are several', () => {
    const given: Report = { ...report(), folders: [{ name: 'shop', files: [file('a.ts', finding('1'))] }, { name: 'till', files: [file('a.ts', finding('2'))] }] };
    assert.deepEqual((JSON.parse(written('json', given)) as { findings: { folder: string }[] }).findings.map(({ folder }) => folder), ['shop', 'till']);
    const { runs: [run] } = JSON.parse(written('sarif', given)) as Log;
    const bases = run?.results?.map(({ locations }) => locations?.[0]?.physicalLocation?.artifactLocation?.uriBaseId ?? '') ?? [];
    assert.equal(new Set(bases).size, 2);
    assert.ok(bases.every((base) => base in (run?.originalUriBaseIds ?? {})));
  });

  describe('as SARIF 2.1.0', () => {
    const log = JSON.parse(written('sarif', report(file('src/größe #1.ts', finding(nasty), finding('two', 'test', 0.5))))) as Log;
    const [run] = log.runs;
    const results = run?.results ?? [];

    it('have a rule with help for each label that is a finding', () => {
      assert.equal(log.version, '2.1.0');
      const { driver } = run?.tool ?? {};
      assert.equal(driver?.name, 'Glance');
      assert.deepEqual(driver?.rules?.map(({ id }) => id), Object.keys(COMMENT_DEBT.labels).filter((label) => label !== 'none').map((label) => `comment-debt/${label}`));
      for (const { id, name, shortDescription, fullDescription, help } of driver?.rules ?? []) {
        assert.match(name ?? '', /^[A-Z][A-Za-z]+Debt$/u, id);
        assert.ok(shortDescription?.text.endsWith('.') && fullDescription?.text.endsWith('.') && help?.text, id);
      }
      for (const { ruleId, ruleIndex } of results) {
        assert.equal(driver?.rules?.[ruleIndex ?? -1]?.id, ruleId);
      }
    });

    it('have relative, encoded places, counted from 1 in UTF-16 code units', () => {
      assert.equal(run?.columnKind, 'utf16CodeUnits');
      const location = results[0]?.locations?.[0]?.physicalLocation;
      assert.deepEqual(location?.artifactLocation, { uri: 'src/gr%C3%B6%C3%9Fe%20%231.ts', uriBaseId: 'SRCROOT' });
      assert.deepEqual(location?.region, { startLine: 1, startColumn: 5, endLine: 2, endColumn: 8 });
    });

    it('have rank, confidences, exit and fingerprint', () => {
      const [result] = results;
      assert.equal(result?.level, 'note');
      assert.equal(result?.rank, 81);
      assert.deepEqual(result?.properties, { confidence: 0.3, findingConfidence: 0.81, exit: 2, lastExit: 3 });
      assert.deepEqual(result?.partialFingerprints, { 'glanceFinding/v1': finding(nasty).fingerprint });
      assert.match(result?.message.text ?? '', /^Design debt, 81% sure: HACK/u);
    });
  });
});
