import assert from 'node:assert/strict';
import { isMarkdownFile, sectionsOf } from '../../src/core/sources/markdown/sections';
import { DOC_SECTION } from '../../src/core/tasks/doc-section';

/** Level, heading and text of each section. */
function cut(source: string): [level: number, heading: string, text: string][] {
  return sectionsOf(source).map(({ level, heading, text }) => [level, heading, text.trim()]);
}

describe('files of Markdown', () => {
  it('are told by their paths', () => {
    assert.deepEqual(['README.md', 'docs/A.MARKDOWN', 'a.md.txt', 'md'].map(isMarkdownFile), [true, true, false, false]);
  });
});

describe('sections of Markdown', () => {
  const cases: [what: string, source: string, expected: ReturnType<typeof cut>][] = [
    ['number signs', '# A\none\n\n## B ##\ntwo\n', [[1, 'A', 'one'], [2, 'B', 'two']]],
    ['lines under them', 'A\n===\none\n\nB\nand more\n---\ntwo', [[1, 'A', 'one'], [2, 'B\nand more', 'two']]],
    ['headings right below one another', '# A\n## B\n### C\nx', [[1, 'A', ''], [2, 'B', ''], [3, 'C', 'x']]],
    ['text before the first heading', 'Hello.\n\n# A\nx', [[0, '', 'Hello.'], [1, 'A', 'x']]],
    ['no heading', '\n\nHello.\n', [[0, '', 'Hello.']]],
    ['nothing', ' \n\n', []],
    ['number signs in code', '# A\n```sh\n# no\n```\n\n    # no\n\n~~~\n## no\n~~~\n# B', [[1, 'A', '```sh\n# no\n```\n\n    # no\n\n~~~\n## no\n~~~'], [1, 'B', '']]],
    ['code that is never closed', '# A\n```\n# no', [[1, 'A', '```\n# no']]],
    ['number signs in HTML', '# A\n<div>\n# no\n</div>\n\n<!--\n# no\n-->\n\n# B', [[1, 'A', '<div>\n# no\n</div>\n\n<!--\n# no\n-->'], [1, 'B', '']]],
    ['headings in quotations and lists', '# A\n> # no\n\n- # no\n\n# B', [[1, 'A', '> # no\n\n- # no'], [1, 'B', '']]],
    ['a hashtag', '# A\n#no\n', [[1, 'A', '#no']]],
    ['a rule that is no heading', '# A\n\n---\n\nx', [[1, 'A', '---\n\nx']]],
    ['front matter', '---\ntitle: x\n---\n# A\nx', [[1, 'A', 'x']]],
    ['front matter and text', '---\ntitle: x\n---\n\nHello.', [[0, '', 'Hello.']]],
    ['markup in a heading', '# The `x` of [y](z) *now*', [[1, 'The `x` of [y](z) *now*', '']]],
    ['a heading without words', '##\nx', [[2, '', 'x']]],
    ['a table', '# A\n| a | b |\n|---|---|\n| # | c |\n', [[1, 'A', '| a | b |\n|---|---|\n| # | c |']]],
  ];
  for (const [what, source, expected] of cases) {
    it(`are cut with ${what}`, () => assert.deepEqual(cut(source), expected));
  }

  for (const [name, lineBreak] of [['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']] as const) {
    it(`have exact ranges with ${name} and characters beyond the basic plane`, () => {
      const source = ['---', 'a: 1', '---', '', '😀 first', '', '# One 😀', '', '𝒜', '', 'Two', '---', 'x', '', '  ### Three ###  ', ''].join(lineBreak);
      const found = sectionsOf(source).map(({ headingRange, range, underlined }) => [source.slice(headingRange.start, headingRange.end), source.slice(range.start, range.end), underlined]);
      assert.deepEqual(found, [
        ['', '😀 first', false],
        ['# One 😀', ['# One 😀', '', '𝒜'].join(lineBreak), false],
        ['Two', ['Two', '---', 'x'].join(lineBreak), true],
        ['  ### Three ###', '  ### Three ###', false],
      ]);
    });
  }

  it('are read as they were in training: heading and content, whichever way the heading is marked', () => {
    const read = (source: string): string[] => sectionsOf(source).map((section) => DOC_SECTION.prepare(section));
    assert.deepEqual(read('## Usage ##\n\nRun it.\n\n### More\n'), ['Usage [SEP] Run it.', 'More [SEP] ']);
    assert.deepEqual(read('Usage\n-----\n\nRun it.\n'), ['Usage [SEP] Run it.']);
    assert.equal(DOC_SECTION.prepare({ text: '## Usage\nRun it.', heading: '## Usage' }), 'Usage [SEP] Run it.');
  });
});
