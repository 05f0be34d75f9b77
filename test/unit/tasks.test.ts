import assert from 'node:assert/strict';
import { answerTitle, describeDecision, isFinding, isSureFinding, percent, shownConfidence } from '../../src/core/tasks/describe';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { COMMENT_KIND } from '../../src/core/tasks/comment-kind';
import { COMMIT_TYPE, labelOfType } from '../../src/core/tasks/commit-type';
import { fileKinds } from '../../src/core/tasks/file-kinds';
import { DOC_SECTION } from '../../src/core/tasks/doc-section';
import type { TaskInput } from '../../src/core/tasks/task';
import { taskById, TASKS } from '../../src/core/tasks/tasks';
import KINDS_OF_FILES from '../fixtures/file-kinds.json';

describe('comments', () => {
  it('are read without their markers', () => {
    for (const { prepare } of [COMMENT_DEBT, COMMENT_KIND]) {
      assert.equal(prepare({ text: '/**\n * Returns the\n * name. */' }), 'Returns the name.');
    }
  });
});

describe('commits', () => {
  const cases: [what: string, input: TaskInput, expected: string][] = [
    ['a bare subject', { text: 'fix login' }, 'fix login [SEP]  [SEP] '],
    ['no message', { text: '' }, ' [SEP]  [SEP] '],
    ['subject, kinds of files and body', { text: 'Mend the login \n\nIt was broken.\nCloses #1.\n', paths: ['src/login.ts', 'README.md'] }, 'Mend the login [SEP] docs source [SEP] It was broken.\nCloses #1.'],
    ['line ends of Windows', { text: 'Mend\r\n\r\nSince it broke.\r\n' }, 'Mend [SEP]  [SEP] Since it broke.'],
    ['a type that would give the answer away', { text: 'feat: add a knob' }, 'add a knob [SEP]  [SEP] '],
    ['a type with scope, mark and other case', { text: 'BugFix(api)!:  say why' }, 'say why [SEP]  [SEP] '],
    ['one type, once', { text: 'fix: fix: twice' }, 'fix: twice [SEP]  [SEP] '],
    ['a word that is no type', { text: 'fixup: a note' }, 'fixup: a note [SEP]  [SEP] '],
    ['the number of a forge behind the subject', { text: 'fix(x): mend \u00a0(#12)\r\nIn (#13)' }, 'mend [SEP]  [SEP] In (#13)'],
    ['two such numbers', { text: 'mend (#12) (#13)' }, 'mend (#12) [SEP]  [SEP] '],
    ['such a number alone', { text: '(#12)' }, ' [SEP]  [SEP] '],
    ['what is no such number', { text: 'mend (#12\u0663)' }, 'mend (#12\u0663) [SEP]  [SEP] '],
    ['a type in the body', { text: 'a\nfix: b' }, 'a [SEP]  [SEP] fix: b'],
    ['the first six paths', { text: 'a', paths: ['1', '2', '3', '4', '5', '6', '7'] }, 'a [SEP] source source source source source source [SEP] '],
    ['the last 1000 characters of a path', { text: 'a', paths: [`tests/${'😀'.repeat(994)}`, `tests/${'😀'.repeat(995)}`] }, 'a [SEP] test source [SEP] '],
    ['paths of Windows', { text: 'a', paths: ['docs\\a.png'] }, 'a [SEP] docs [SEP] '],
    ['links, addresses and hashes', { text: 'See [the guide](docs/guide.md), https://example.org/a?b#c.' }, 'See the guide,  [SEP]  [SEP] '],
    ['an entry of a change log', { text: 'run nyc [`8476b91`](https://example.org/8476b91)\n\nThis reverts commit 0123456789abcdef.' }, 'run nyc `` [SEP]  [SEP] This reverts commit .'],
    ['words that look like hashes or links', { text: '[x] deadbeef, defaced and 1234567890 [a](b c)' }, '[x] deadbeef, defaced and 1234567890 [a](b c) [SEP]  [SEP] '],
  ];
  for (const [what, input, expected] of cases) {
    it(`are composed of ${what}`, () => assert.equal(COMMIT_TYPE.prepare(input), expected));
  }

  it('know the kinds of the files as training does', () => {
    for (const [kinds, lists] of Object.entries(KINDS_OF_FILES)) {
      for (const paths of lists) {
        assert.equal(fileKinds(paths), kinds, paths.join());
      }
    }
  });

  it('are read to an end however long they are', () => {
    assert.ok(COMMIT_TYPE.prepare({ text: '['.repeat(20_000_000) }).length < 20_000);
  });

  it('have one label for every spelling of their type', () => {
    const spellings = { feat: 'feat', feature: 'feat', Fix: 'fix', hotfix: 'fix', doc: 'docs', DOCS: 'docs', tests: 'test', performance: 'perf', deps: undefined, constructor: undefined };
    assert.deepEqual(Object.fromEntries(Object.keys(spellings).map((type) => [type, labelOfType(type)])), spellings);
    for (const label of Object.keys(COMMIT_TYPE.labels)) {
      assert.equal(labelOfType(label), label);
      assert.equal(COMMIT_TYPE.prepare({ text: `${label}: say` }), 'say [SEP]  [SEP] ');
    }
  });
});

describe('sections of documentation', () => {
  const cases: [what: string, input: TaskInput, expected: string][] = [
    ['a heading in the text', { text: '## Usage ##\n\nRun it.\n' }, 'Usage [SEP] Run it.'],
    ['no heading', { text: 'Run it.\nThen stop it.' }, ' [SEP] Run it.\nThen stop it.'],
    ['a heading of its own', { text: 'Run it.', heading: '# How to use' }, 'How to use [SEP] Run it.'],
    ['a heading that the text repeats', { text: '\n\nUsage\nRun it.', heading: '## Usage' }, 'Usage [SEP] Run it.'],
    ['a heading other than the first line', { text: '# Usage\nRun it.', heading: 'Install' }, 'Install [SEP] # Usage\nRun it.'],
    ['an empty heading of its own', { text: '# Usage\nRun it.', heading: '' }, ' [SEP] # Usage\nRun it.'],
    ['number signs alone', { text: '###\nRun it.' }, ' [SEP] ###\nRun it.'],
    ['a heading alone', { text: '  # C#  ' }, 'C [SEP] '],
    ['number signs inside a heading', { text: '# Issue #1 first\nx' }, 'Issue #1 first [SEP] x'],
    ['line ends of Windows', { text: '# Usage\r\nRun it.\r\n' }, 'Usage [SEP] Run it.'],
    ['nothing', { text: '' }, ' [SEP] '],
    ['the first 1200 characters', { text: `# A\n${'😀'.repeat(1300)}` }, `A [SEP] ${'😀'.repeat(1200)}`],
  ];
  for (const [what, input, expected] of cases) {
    it(`are composed of ${what}`, () => assert.equal(DOC_SECTION.prepare(input), expected));
  }

  it('take little time for many number signs', () => {
    // Work that grew with the square of their number would run into the time limit.
    assert.equal(DOC_SECTION.prepare({ text: `# ${'#'.repeat(500_000)} x\n` }), `${'#'.repeat(500_000)} x [SEP] `);
  });
});

describe('tasks', () => {
  it('have titles and one sentence for each label', () => {
    for (const { labels } of TASKS) {
      for (const { title, description } of Object.values(labels)) {
        assert.match(title, /^[A-Z][\w ]+$/u);
        assert.match(description, /^The [^.]+\.$/u);
      }
    }
  });

  it('are found by their identifiers', () => {
    TASKS.forEach((task) => assert.equal(taskById(task.id), task));
    assert.throws(() => taskById('poetry'), /no task "poetry"; there is comment-debt, commit-type, doc-section, comment-kind\./u);
  });

  it('have findings only where there is a silent label', () => {
    assert.deepEqual(['none', 'design'].map((label) => isFinding(COMMENT_DEBT, { label })), [false, true]);
    assert.equal(isFinding(COMMIT_TYPE, { label: 'feat' }), false);
  });

  it('are as sure of a finding as that it is one, whatever its label, and of anything else as of its label', () => {
    const [finding, silent, sorted] = [
      { label: 'design', labels: ['design'], confidence: 0.54, findingConfidence: 0.83, exit: 1, lastExit: 2 },
      { label: 'none', labels: ['none'], confidence: 0.9, findingConfidence: 0.1, exit: 1, lastExit: 2 },
      { label: 'feat', labels: ['feat'], confidence: 0.7, exit: 1, lastExit: 2 },
    ];
    assert.deepEqual([shownConfidence(COMMENT_DEBT, finding), shownConfidence(COMMENT_DEBT, silent), shownConfidence(COMMIT_TYPE, sorted)], [0.83, 0.9, 0.7]);
    assert.equal(describeDecision(COMMENT_DEBT, finding), 'Design debt, 83% sure, left at exit 1 of 2');
    assert.equal(describeDecision(COMMENT_DEBT, silent), 'No debt, 90% sure, left at exit 1 of 2');
    assert.deepEqual([0, 0.6, 0.83, 0.84].map((limit) => isSureFinding(COMMENT_DEBT, finding, limit)), [true, true, true, false]);
    assert.deepEqual([isSureFinding(COMMENT_DEBT, silent, 0), isSureFinding(COMMIT_TYPE, sorted, 0)], [false, false]);
  });

  it('are as sure of a finding as of its label where the model package names no silent label', () => {
    assert.equal(shownConfidence(COMMENT_DEBT, { label: 'design', confidence: 0.54 }), 0.54);
  });

  it('put answers in words', () => {
    const decision = { label: 'what', labels: ['what', 'how', 'news'], confidence: 0.999, exit: 2, lastExit: 4 };
    assert.equal(answerTitle(DOC_SECTION, decision), 'What + How + news');
    assert.equal(describeDecision(COMMENT_DEBT, { ...decision, label: 'design', labels: ['design'] }), 'Design debt, 99% sure, left at exit 2 of 4');
    assert.deepEqual([percent(0.9999, 1), percent(0.5, 1), percent(1, 1)], ['99.9%', '50.0%', '100.0%']);
  });
});
