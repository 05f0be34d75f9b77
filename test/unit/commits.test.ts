import assert from 'node:assert/strict';
import { conventionsOf, spellingOf } from '../../src/core/commits/conventions';
import { draftReleaseNotes, type HistoryEntry } from '../../src/core/commits/release-notes';
import { isChecked, judge, type VerdictTerms } from '../../src/core/commits/verdict';
import { parseCommitMessage, saysEnough, textOf, typeEdit } from '../../src/core/sources/commits/commit-message';

describe('a commit message', () => {
  const headers: [source: string, type?: string, scope?: string | undefined, description?: string, breaking?: boolean][] = [
    ['fix: mend the login', 'fix', undefined, 'mend the login'],
    ['feat(ui/knob)!: turn it', 'feat', 'ui/knob', 'turn it', true],
    ['Fix(api):no space', 'Fix', 'api', 'no space'],
    ['fix:', 'fix', undefined, ''],
    ['feat!: ', 'feat', undefined, '', true],
    ['build-deps: raise', 'build-deps', undefined, 'raise'],
    ['fix'],
    ['feat(ui'],
    ['feat(ui)'],
    ['mend the login: it broke'],
    ['net/http: mend'],
    [': nothing'],
    [''],
  ];
  for (const [source, type, scope, description, breaking = false] of headers) {
    it(`has ${type === undefined ? 'no header' : `the type ${type}`}: ${JSON.stringify(source)}`, () => {
      const message = parseCommitMessage(source);
      assert.deepEqual([message.header?.type, message.header?.scope, message.header?.description, message.breaking], [type, scope, description, breaking]);
    });
  }

  it('has its type where it stands, below blank lines and comments, with line ends of any kind', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const source = ['', '# a comment', '  fix(a): mend 😀 it', '', 'Since it broke.', '# a comment', 'Twice.', ''].join(end);
      const { subject, subjectRange, header, body } = parseCommitMessage(source, true);
      assert.equal(subject, 'fix(a): mend 😀 it');
      assert.equal(source.slice(subjectRange.start, subjectRange.end), subject);
      assert.equal(header && source.slice(header.typeRange.start, header.typeRange.end), 'fix');
      assert.equal(body, 'Since it broke.\nTwice.');
    }
  });

  it('has comments only where git strips them', () => {
    assert.equal(parseCommitMessage('#12 mend it').subject, '#12 mend it');
    assert.equal(parseCommitMessage('#12 mend it', true).subject, '');
    assert.deepEqual(parseCommitMessage('\n# Please enter\n', true).subjectRange, { start: 0, end: 0 });
  });

  it('ends at the scissors', () => {
    const diff = '# ------------------------ >8 ------------------------\n# Do not modify\ndiff --git a/x b/x\n+BREAKING CHANGE: no\n';
    const { body, breaking } = parseCommitMessage(`mend it\n\nSince it broke.\n${diff}`, true);
    assert.deepEqual([body, breaking], ['Since it broke.', false]);
  });

  it('has comments behind the marker that git shows, whichever it was told to use', () => {
    const status = (marker: string): string => [
      '', `${marker} Please enter the commit message for your changes. Lines starting`, `${marker} with '${marker}' will be ignored, and an empty message aborts the commit.`, marker,
      `${marker} Changes to be committed:`, `${marker}\tmodified:   src/a.ts`, marker, '',
    ].join('\n');
    for (const marker of ['#', ';', '//', '%']) {
      const { subject, body, paths } = parseCommitMessage(`#12 mend it\n${status(marker)}`, true);
      assert.deepEqual([subject, body, paths], marker === '#' ? ['', '', ['src/a.ts']] : ['#12 mend it', '', ['src/a.ts']], marker);
    }
    // What people write is above what git writes.
    assert.equal(parseCommitMessage(`- replace '-' by '+'\n${status('#')}`, true).subject, "- replace '-' by '+'");
    const german = "mend it\n\n; Bitte geben Sie eine Commit-Beschreibung für Ihre Änderungen ein. Zeilen,\n; die mit ';' beginnen, werden ignoriert.\n";
    assert.equal(parseCommitMessage(german, true).body, '');
    const diff = '; ------------------------ >8 ------------------------\n; Do not modify\ndiff --git a/x b/x\n# >8\n';
    assert.equal(parseCommitMessage(`mend it\n\nSince it broke.\n${diff}`, true).body, 'Since it broke.');
  });

  it('lists the paths to be committed, in any language, and no others', () => {
    const status = [
      'mend it', '', '# Please enter the commit message', '#', '# On branch main', '# Changes to be committed:', '#\tmodified:   src/a.ts', '#\tnew file:   docs/b c.md', '#\trenamed:    old.ts -> new.ts',
      '#', '# Changes not staged for commit:', '#\tmodified:   src/other.ts', '#', '# Untracked files:', '#\tnotes.txt', '#',
    ];
    assert.deepEqual(parseCommitMessage(status.join('\n'), true).paths, ['src/a.ts', 'docs/b c.md', 'new.ts']);
    assert.deepEqual(parseCommitMessage('a b\n# 要提交的变更：\n#\t修改：     src/a.ts\n', true).paths, ['src/a.ts']);
    assert.deepEqual(parseCommitMessage('a b\n# Zum Commit vorgemerkte Änderungen:\n#\tgeändert:       "src/\\303\\244.ts"\n', true).paths, [String.raw`src/\303\244.ts`]);
    assert.deepEqual(parseCommitMessage('a b\n#\tmodified:   src/a.ts\n').paths, []);
  });

  it('marks breaking changes in a footer, too', () => {
    assert.equal(parseCommitMessage('fix: a\n\nBREAKING CHANGE: it bites').breaking, true);
    assert.equal(parseCommitMessage('fix: a\n\nBREAKING-CHANGE: it bites').breaking, true);
    assert.equal(parseCommitMessage('fix: a\n\nno BREAKING CHANGE: here').breaking, false);
    assert.equal(parseCommitMessage('mend it!: no').breaking, false);
  });

  it('may be made by git', () => {
    for (const subject of ["Merge branch 'a' into b", 'Merge pull request #1 from a/b', 'Merge remote-tracking branch', 'Revert "feat: a"', 'fixup! feat: a', 'squash! a', 'amend! a']) {
      assert.equal(parseCommitMessage(subject).madeByGit, true, subject);
    }
    for (const subject of ['Merge the two lists', 'revert: feat a', 'Revert to the old way', 'fixup the list']) {
      assert.equal(parseCommitMessage(subject).madeByGit, false, subject);
    }
  });
  it('sees the mark of a breaking change behind the type alone, whatever the scope', () => {
    for (const [subject, breaking] of [['feat!: x y', true], ['feat(my scope)!: x y', true], ['feat:x!: y', false], ['feat(a): b!: c', false]] as const) {
      assert.equal(parseCommitMessage(subject).breaking, breaking, subject);
    }
  });

  it('tells reverts from other subjects that git writes', () => {
    assert.deepEqual(['Revert "feat: a"', 'Reapply "feat: a"', "Merge branch 'main'", 'fixup! feat: a', 'feat: a b'].map((subject) => parseCommitMessage(subject).isRevert), [true, true, false, false, false]);
  });


  it('is read as the model learnt it: without those who took part', () => {
    assert.equal(textOf(parseCommitMessage('fix: mend it (#12)\n\nSince it broke.\n\nSigned-off-by: A <a@b>\nCo-authored-by: B <b@c>\n')), 'fix: mend it (#12)\n\nSince it broke.');
  });

  it('says enough with two words besides the type', () => {
    for (const source of ['mend it', 'fix: mend it', 'fix: mend\n\nit', 'deps: raise zod']) {
      assert.equal(saysEnough(parseCommitMessage(source)), true, source);
    }
    for (const source of ['', 'mend', 'feat(ui', 'fix: ', 'fix: typo', 'fixup! mend it']) {
      assert.equal(saysEnough(parseCommitMessage(source)), false, source);
    }
  });

  it('is given a type: put in front, or in the place of another, with scope and mark kept', () => {
    const edited = (source: string): string => {
      const { range: { start, end }, text } = typeEdit(parseCommitMessage(source), 'docs');
      return source.slice(0, start) + text + source.slice(end);
    };
    assert.deepEqual(['mend it', '\n mend it\n\nbody', 'feat(ui)!: mend it', ''].map(edited), ['docs: mend it', '\n docs: mend it\n\nbody', 'docs(ui)!: mend it', 'docs: ']);
  });

  it('of many megabytes is read in no time to speak of, whatever it is made of', () => {
    // Whatever is not linear would not end before mocha loses patience.
    for (const piece of [' ', '(', '#', 'a', '\n', '#\t', '(#1) ', ': ', 'a-by: ']) {
      const source = piece.repeat(2_000_000);
      assert.ok(textOf(parseCommitMessage(source, true)).length <= source.length);
      saysEnough(parseCommitMessage(`a ${source} b`));
    }
  });
});

describe('conventions of a project', () => {
  it('are conventional where half of the messages that people wrote begin with a known type', () => {
    assert.equal(conventionsOf(['fix: a', 'b', 'Merge branch c', 'fixup! d'])?.conventional, true);
    assert.equal(conventionsOf(['fix: a', 'b', 'c'])?.conventional, false);
    assert.equal(conventionsOf(['scsi: a', 'mm: b', 'net: c'])?.conventional, false);
  });

  it('are unknown without messages', () => {
    assert.equal(conventionsOf([]), undefined);
    assert.equal(conventionsOf(['Merge branch a']), undefined);
  });

  it('have types as they are spelled there, the most frequent first', () => {
    const conventions = conventionsOf(['Fix: a', 'feature: b', 'feature: c', 'feat: d', 'deps: e']);
    assert.deepEqual(conventions?.types, ['feature', 'Fix', 'feat', 'deps']);
    assert.deepEqual(['feat', 'fix', 'docs'].map((label) => spellingOf(label, conventions)), ['feature', 'Fix', 'docs']);
    assert.equal(spellingOf('feat', undefined), 'feat');
  });
});

describe('the verdict on a message', () => {
  const CONVENTIONAL: VerdictTerms = { check: 'auto', conventions: { conventional: true, types: [] }, minimumConfidence: 0.8 };
  const verdict = (source: string, label: string, confidence: number, terms: Partial<VerdictTerms> = {}): string | undefined =>
    judge(parseCommitMessage(source), { label, confidence }, { ...CONVENTIONAL, ...terms });

  it('contradicts a type only where the model is sure of another', () => {
    assert.equal(verdict('feat: mend it', 'fix', 0.8), 'mismatch');
    assert.equal(verdict('feat: mend it', 'fix', 0.79), undefined);
    assert.equal(verdict('feat: mend it', 'fix', 0.79, { minimumConfidence: 0.5 }), 'mismatch');
  });

  it('takes another spelling for the same type, and never contradicts a type that the model does not know', () => {
    assert.equal(verdict('feature: add it', 'feat', 1), undefined);
    assert.equal(verdict('Docs: say it', 'docs', 1), undefined);
    assert.equal(verdict('deps: raise it', 'build', 1), undefined);
  });

  it('misses a type however unsure the model is', () => {
    assert.equal(verdict('mend it', 'fix', 0.2), 'untyped');
  });

  it('is silent in repositories that do not follow Conventional Commits, unless asked', () => {
    const conventions = { conventional: false, types: [] };
    for (const source of ['mend it', 'feat: mend it']) {
      assert.equal(verdict(source, 'fix', 1, { conventions }), undefined);
      assert.equal(verdict(source, 'fix', 1, { check: 'never' }), undefined);
      assert.notEqual(verdict(source, 'fix', 1, { conventions, check: 'always' }), undefined);
    }
  });

  it('takes a typed message for the way of a repository without a history', () => {
    assert.equal(verdict('mend it', 'fix', 1, { conventions: undefined }), undefined);
    assert.equal(verdict('feat: mend it', 'fix', 1, { conventions: undefined }), 'mismatch');
    assert.equal(isChecked(parseCommitMessage('mend it'), { check: 'auto', conventions: undefined }), false);
  });
});

describe('release notes', () => {
  const entry = (hash: string, source: string, decision?: HistoryEntry['decision']): HistoryEntry => ({ hash, message: parseCommitMessage(source), decision });

  it('are grouped by type, breaking changes first, and say what was predicted', () => {
    const notes = draftReleaseNotes('shop', [
      entry('aaaaaaaaaa', 'docs: say it'),
      entry('bbbbbbbbbb', 'feat(ui)!: turn the *knob* of `a_b`'),
      entry('cccccccccc', 'mend <it>', { label: 'fix', confidence: 0.719 }),
      entry('dddddddddd', 'deps: raise zod'),
      entry('eeeeeeeeee', 'Revert "feat: b"'),
      entry('ffffffffff', 'feature: another'),
    ], 2);
    assert.equal(notes, [
      '# Release notes: shop',
      '',
      'Drafted by Glance from the last 8 commits, fffffff to aaaaaaa. Types given by their authors: 4. Predicted, and marked so: 1; read those before you publish. Left out, as merges or to be squashed: 2.',
      '', '## Breaking changes', '',
      String.raw`- **ui:** turn the \*knob\* of ${'`a_b`'} (bbbbbbb)`,
      '', '## Features', '',
      String.raw`- **ui:** turn the \*knob\* of ${'`a_b`'} (bbbbbbb)`,
      '- another (fffffff)',
      '', '## Fixes', '',
      String.raw`- mend \<it\> (ccccccc) *(predicted, 71% sure)*`,
      '', '## Reverted', '',
      '- Revert "feat: b" (eeeeeee)',
      '', '## Documentation', '',
      '- say it (aaaaaaa)',
      '', '## deps', '',
      '- raise zod (ddddddd)',
      '',
    ].join('\n'));
  });

  it('may be of no commits at all', () => {
    assert.match(draftReleaseNotes('shop', [], 0), /the last 0 commits\. /u);
  });
});
