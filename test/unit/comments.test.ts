import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CommentSource } from '../../src/core/sources/comments/comments';
import { Grammars } from '../../src/core/sources/comments/grammars';
import { LANGUAGES, languageById, languageOfFile } from '../../src/core/sources/comments/languages';
import { findComments, readGrammar } from './comment-source';

const require = createRequire(__filename);

async function find(languageId: string, source: string): Promise<{ text: string; raw: string }[]> {
  const { snippets } = await findComments(languageId, source);
  return snippets.map(({ text, range }) => ({ text, raw: source.slice(range.start, range.end) }));
}

const texts = async (languageId: string, source: string): Promise<string[]> => (await find(languageId, source)).map(({ text }) => text);

describe('comments of source code', () => {
  it('knows the language of a file by its path, on Windows too', () => {
    assert.equal(languageOfFile('C:\\src\\Main.JAVA')?.id, 'java');
    assert.equal(languageOfFile('/a.b/c/Makefile')?.id, 'makefile');
    assert.equal(languageOfFile('lib.dom.d.ts')?.id, 'typescript');
    assert.equal(languageOfFile('picture.png'), undefined);
    assert.equal(languageOfFile('ts'), undefined);
  });

  it('has a grammar or markers, and no file name twice', () => {
    for (const language of LANGUAGES) {
      assert.ok(language.grammar ?? language.markers, language.id);
    }
    const files = LANGUAGES.flatMap(({ files }) => files);
    assert.equal(new Set(files).size, files.length);
  });

  const oneEach: Record<string, string> = {
    typescript: 'const a = "// no"; // yes',
    typescriptreact: 'const a = <p>// no</p>; // yes',
    javascript: 'const r = /\\/\\/ no/; const t = `// no ${1 /* yes */}`;',
    javascriptreact: 'const a = <p>/* no */</p>; /* yes */',
    java: 'class A { String s = "/* no */"; /* yes */ }',
    c: 'char *s = "// no"; // yes\n',
    cpp: 'auto s = R"(// no)"; // yes\n',
    csharp: 'var s = @"// no"; // yes\n',
    go: 'package a\nvar s = `// no` // yes\n',
    rust: 'const S: &str = r#"// no"#; // yes\n',
    python: 's = "# no" # yes\n',
    ruby: 's = "# no" # yes\n',
    php: '<?php $s = "// no"; // yes\n',
    shellscript: 's="# no" # yes\necho ${#s}\n',
    powershell: '$s = "# no" <# yes #>\n',
    css: 'a { content: "/* no */" } /* yes */',
    ini: '; yes\nkey = value\n',
    lua: 's = "-- no" -- yes\n',
    sql: "select '-- no' -- yes\n",
    haskell: 's = "-- no" {- yes -}\n',
    yaml: 'key: "# no" # yes\nurl: a#b\n',
    latex: '50\\% done % yes\n',
    html: '<p>no</p><!-- yes -->',
    kotlin: 'val s = "// no" // yes\n',
  };
  for (const [id, source] of Object.entries(oneEach)) {
    it(`tells the comment from strings and code in ${id}`, async () => {
      assert.deepEqual(await texts(id, source), ['yes']);
    });
  }

  it('loads every grammar', async () => {
    for (const { id, grammar } of LANGUAGES) {
      if (grammar) {
        await find(id, '');
      }
    }
  });

  it('says how the comments were found', async () => {
    assert.equal((await findComments('java', '')).foundBy, 'grammar');
    assert.equal((await findComments('lua', '')).foundBy, 'markers');
  });

  it('joins line comments under each other and nothing else', async () => {
    const source = '// one\n// two\n\n// three\nint a; // four\n       // five\nint b; // six\n// seven\n/// eight\n/* nine */\n/* ten */\n';
    assert.deepEqual(await texts('java', source), ['one two', 'three', 'four five', 'six', 'seven', 'eight', 'nine', 'ten']);
  });

  it('finds doc comments and Python docstrings, but not other strings', async () => {
    assert.deepEqual(await texts('rust', '/// Adds.\nfn add() {}\n'), ['Adds.']);
    const python = '#!/usr/bin/env python\n"""Module."""\nclass A:\n    """Class."""\n    x = "no"\n    def f(self):\n        r\'\'\'Function.\'\'\'\n        "no"\n        return """no"""\n';
    assert.deepEqual(await texts('python', python), ['Module.', 'Class.', 'Function.']);
  });

  it('gives ranges that map back exactly with CRLF, tabs, astral characters and a byte order mark', async () => {
    const source = '\ufeff\tconst a = "😀 // no"; // 𝒜 first\r\n\tcall();\t\t// second 😀\r\n\t      \t\t// third\r\n';
    assert.deepEqual(await find('typescript', source), [
      { text: '𝒜 first', raw: '// 𝒜 first' },
      { text: 'second 😀', raw: '// second 😀' },
      { text: 'third', raw: '// third' },
    ]);
  });

  it('joins across CRLF', async () => {
    assert.deepEqual(await find('c', '  // one\r\n  // two\r\n'), [{ text: 'one two', raw: '// one\r\n  // two' }]);
  });

  it('drops comments without words and the shebang', async () => {
    assert.deepEqual(await texts('python', '#!/bin/python\n####\n#\n# word\n'), ['word']);
    assert.deepEqual(await texts('c', '/**/ /****/ //\n'), []);
  });

  it('finds comments in broken code', async () => {
    assert.deepEqual(await texts('typescript', 'function ( { // one\n]] = /* two */ class'), ['one', 'two']);
    assert.deepEqual(await texts('lua', 'x = "unclosed -- no\ny = 1 -- yes'), ['no', 'yes']);
    assert.deepEqual(await texts('kotlin', 'val a = 1 /* unclosed'), ['unclosed']);
  });

  it('finds in a large real file just what a plain scan for doc comments finds', async () => {
    // The declarations have no strings or regular expressions with comment markers in them, so a regular expression is a fair judge.
    const source = readFileSync(require.resolve('typescript/lib/lib.dom.d.ts'), 'utf8');
    const found = await find('typescript', source);
    const blocks = source.match(/\/\*[\s\S]*?\*\//gu) ?? [];
    assert.ok(blocks.length > 1000);
    assert.deepEqual(found.filter(({ raw }) => raw.startsWith('/*')).map(({ raw }) => raw), blocks);
  });

  it('takes a hundred thousand comments, joined or not, in a file or on a line', async () => {
    // Work that grew with the square of the comments would run into the time limit.
    assert.deepEqual(await texts('lua', '-- word\n'.repeat(100_000)).then(([text]) => text?.slice(0, 9)), 'word word');
    assert.equal((await texts('kotlin', '-1 // word\n'.repeat(100_000))).length, 100_000);
    assert.equal((await texts('javascript', 'a(/* word */);'.repeat(100_000))).length, 100_000);
    assert.deepEqual(await texts('yaml', `cmd: ${'{\\"key\\": \\"it\'s\\"}, '.repeat(50_000)}\nb: 1 # word\n`), ['word']);
  });

  it('tries again what could not be read', async () => {
    let fails = true;
    const source = new CommentSource((file) => (fails ? Promise.reject(new Error('offline')) : readGrammar(file)));
    const c = languageById('c');
    assert.ok(c);
    await assert.rejects(source.find('// word', c), /offline/u);
    fails = false;
    assert.deepEqual((await source.find('// word', c)).snippets.map(({ text }) => text), ['word']);
  });

  it('gives up a parse that takes too long, and goes on to the next', async () => {
    let processor = 0;
    const grammars = new Grammars(readGrammar, [() => performance.now(), () => processor], 1);
    const java = languageById('java');
    assert.ok(java?.grammar);
    const language = { ...java, grammar: java.grammar };
    const source = `// word\n${'class A { int a; }\n'.repeat(100_000)}`;
    // As on a machine that is busy with something else.
    assert.equal((await grammars.comments(source, language)).length, 1);
    const busy = new Grammars(readGrammar, [() => performance.now(), () => (processor += 1)], 1);
    await assert.rejects(busy.comments(source, language), /grammar of java did not come to an end/u);
    assert.equal((await busy.comments('// word', language)).length, 1);
  });
});
