import assert from 'node:assert/strict';
import { mayBeEnglish, missingParts, newSection, sectionsWith, type AnsweredSection } from '../../src/core/documents/readme';
import { sectionsOf } from '../../src/core/sources/markdown/sections';

/** Sections of a document, each with the probabilities that stand for its heading. */
function answered(source: string, probabilities: Readonly<Record<string, AnsweredSection['probabilities']>> = {}): AnsweredSection[] {
  return sectionsOf(source).map((section) => ({ section, probabilities: probabilities[section.heading] ?? {} }));
}

/** A document after a part was added to it. */
function added(part: Parameters<typeof newSection>[0], source: string, probabilities = {}): string {
  const { offset, before, after } = newSection(part, 'New', answered(source, probabilities), source);
  return `${source.slice(0, offset)}${before}...${after}${source.slice(offset)}`;
}

describe('what a README lacks', () => {
  it('is all of it where there is nothing', () => {
    assert.deepEqual(missingParts([]), ['about', 'usage', 'contributing', 'licence']);
  });

  it('is told by labels, sure or suspected', () => {
    const source = '# Foo\n\n## A\nx\n\n## B\nx\n\n## C\nx\n\n## D\nx\n';
    const labelled = { A: { what: 0.9 }, B: { how: 0.35 }, C: { contribution: 0.5 }, D: { who: 0.29 } };
    assert.deepEqual(missingParts(answered(source, labelled)), ['licence']);
    assert.deepEqual(sectionsWith('usage', answered(source, labelled)).map(({ section }) => section.heading), ['B']);
  });

  it('is told by headings that say it plainly, whatever the model says', () => {
    assert.deepEqual(missingParts(answered('# Foo\n## Overview\n## Getting Started\n## How to contribute\n## License\n')), []);
    assert.deepEqual(missingParts(answered('# Foo\n## Houses\n## Reuse\n## Licensed to ill\n')), ['about', 'usage', 'contributing']);
  });

  it('is not what it is where there is an introduction, which badges, images, HTML and code are not', () => {
    const tells = (source: string): boolean => !missingParts(answered(source)).includes('about');
    assert.ok(tells('# Foo\n\nFoo turns bars into bazes.\n'));
    assert.ok(tells('<img src="logo.png">\n\nFoo turns *bars* into bazes.\n\n# Foo\n'));
    assert.ok(!tells('# Foo\n\n[![build status of it all](https://a.b/c.svg)](https://a.b) <img alt="a b c d e f">\n\n```\na b c d e f\n```\n'));
    assert.ok(!tells('# Foo\n\n```\na b c d e f\n'));
  });

  it('is not told of a document in another language', () => {
    const german = '# Foo\n\nDieses Werkzeug liest die Kommentare in deinem Quelltext und zeigt diejenigen an, die technische Schulden zugeben. Es läuft auf dem eigenen Rechner, sagt, wie sicher es ist, und schickt nichts davon weiter, weder an uns noch an andere Leute im Netz.\n';
    const english = '# Foo\n\nThis tool reads the comments in your source code and shows those that admit technical debt. It runs on your own machine, says how sure it is, and sends nothing of it anywhere, neither to us nor to other people on the net, whatever they pay.\n';
    const chinese = `# Foo\n\n${'这个 工具 阅读 代码 中 的 注释。'.repeat(8)}\n`;
    assert.deepEqual([german, english, chinese, '# Foo\n\nEin Werkzeug.\n'].map((source) => mayBeEnglish(answered(source))), [false, true, false, true]);
  });

  it('is told before anybody loses patience of brackets that are never closed', () => {
    assert.ok(missingParts(answered(`# A\n\n${'![`<]('.repeat(300_000)}`)).includes('usage'));
  });
});

describe('a section that is added to a README', () => {
  const full = '# Foo\n\nFoo is a bar.\n\n## Usage\n\nRun.\n\n### On Windows\n\nDo not.\n\n## Changes\n\n1.0\n\n## License\n\nMIT\n';

  it('stands behind those of earlier parts, and in front of what comes later', () => {
    assert.equal(added('contributing', full), full.replace('1.0\n\n', '1.0\n\n## New\n\n...\n\n'));
    assert.equal(added('about', full), full.replace('## Usage', '## New\n\n...\n\n## Usage'));
    assert.equal(added('licence', '# Foo\n\n## Usage\n\nRun.\n'), '# Foo\n\n## Usage\n\nRun.\n\n## New\n\n...\n');
    assert.equal(added('usage', '# Foo\n\n## A\n\nx\n\n## B\n\ny\n', { A: { what: 0.9 }, B: { who: 0.9 } }), '# Foo\n\n## A\n\nx\n\n## New\n\n...\n\n## B\n\ny\n');
  });

  it('has the level and the manner of the headings around it', () => {
    assert.equal(added('licence', '# Foo\n\n### Usage\n\nRun.\n'), '# Foo\n\n### Usage\n\nRun.\n\n### New\n\n...\n');
    assert.equal(added('licence', '# Usage\n\nRun.\n\n# Contributing\n\nDo.\n'), '# Usage\n\nRun.\n\n# Contributing\n\nDo.\n\n# New\n\n...\n');
    assert.equal(added('licence', 'Foo\n===\n\nUsage\n-----\n\nRun.\n'), 'Foo\n===\n\nUsage\n-----\n\nRun.\n\nNew\n---\n\n...\n');
    assert.equal(added('licence', '###### Foo\n'), '###### Foo\n\n###### New\n\n...\n');
  });

  it('finds a place where there is no title, no section, or nothing', () => {
    assert.equal(added('usage', '# Foo\n\nHello.\n'), '# Foo\n\nHello.\n\n## New\n\n...\n');
    assert.equal(added('usage', 'Hello.\n'), 'Hello.\n\n## New\n\n...\n');
    assert.equal(added('about', '# Usage\n\nx\n\n# License\n'), '# New\n\n...\n\n# Usage\n\nx\n\n# License\n');
    assert.equal(added('usage', ''), '## New\n\n...');
    assert.equal(added('usage', '---\na: 1\n---\n'), '---\na: 1\n---\n\n## New\n\n...\n');
  });
});
