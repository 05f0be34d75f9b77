/** The fast way in front of a grammar must find just what the grammar finds, or leave the source to it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Language as Grammar, Parser, Query } from 'web-tree-sitter';
import { LANGUAGES, languageById, languageOfFile } from '../../src/core/sources/comments/languages';
import type { OffsetRange } from '../../src/core/sources/snippet';
import { findComments, readGrammar } from './comment-source';

/** What a grammar says of a source. */
interface Judgement {
  readonly comments: string[];
  /** Whether the source has errors: how a grammar recovers from them is its own affair. */
  readonly hasError: boolean;
}

const parsers = new Map<string, { readonly parser: Parser; readonly query: Query }>();

/** Judges by the grammar of a language. */
function judge(languageId: string, source: string): Judgement {
  const known = parsers.get(languageId);
  assert.ok(known);
  const tree = known.parser.parse(source);
  assert.ok(tree);
  const comments = known.query.captures(tree.rootNode).map(({ node }) => shown(source, { start: node.startIndex, end: node.endIndex }));
  const { hasError } = tree.rootNode;
  tree.delete();
  return { comments, hasError };
}

/** What the fast way finds; undefined where it leaves the source to the grammar. */
function lex(languageId: string, source: string): string[] | undefined {
  return languageById(languageId)?.lexer?.(source)?.map((range) => shown(source, range));
}

function shown(source: string, { start, end }: OffsetRange): string {
  return `${start}: ${source.slice(start, end).trimEnd()}`;
}

const ROOT = path.join(__dirname, '../..');

/**
 * Files in a language with a lexer, up to a length in bytes: this repository's own Python, and of those of installed packages every `step`th one, the
 * first of them at `first`.
 */
function realFiles(step: number, first: number, longest: number): { readonly file: string; readonly language: string; readonly source: string }[] {
  const known = (folder: string): { readonly file: string; readonly language: string }[] =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .sort()
      .flatMap((name) => {
        const language = languageOfFile(name);
        return language?.lexer ? [{ file: path.join(ROOT, folder, name), language: language.id }] : [];
      });
  return [...known('training/glance_training'), ...known('node_modules').filter((_, at) => at % step === first)]
    .filter(({ file }) => statSync(file).isFile() && statSync(file).size <= longest)
    .map((found) => ({ ...found, source: readFileSync(found.file, 'utf8') }));
}

/** A generator of numbers from 0 to below 1 that depends on its seed alone. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('comments found without a grammar', () => {
  before(async () => {
    await Parser.init({ wasmBinary: await readGrammar('web-tree-sitter.wasm') });
    for (const { id, grammar, lexer } of LANGUAGES) {
      if (lexer && grammar) {
        const loaded = await Grammar.load(await readGrammar(`tree-sitter-${grammar.name}.wasm`));
        parsers.set(id, { parser: new Parser().setLanguage(loaded), query: new Query(loaded, grammar.query) });
      }
    }
  });

  const certain: Record<string, string> = {
    'strings': 'const a = "http://x /* no */", b = \'it\\\'s // no\', c = "\\\\"; // yes',
    'a string of two lines': 'a = "one \\\n // no"; // yes\nb = "two \\\r\n // no"; // yes\r\n',
    'templates in templates': 'a = `// no ${b(`/* no */ ${{ c: "}" /* yes */ }.c}`)} // no`; // yes',
    'a template with a brace and a backslash': 'a = `$ { \\` \\${ // no`; /* yes */',
    'regular expressions': 'a = /\\/\\/ no/g; b(/[/*"]/, /[\\]/*]"/.test(c)); return /\'/; // yes',
    'regular expressions in statements': 'if (a) /"/.test(b); while (/* yes */ a(b)) /\'/.exec(c); x = !/`/.test(d); // yes',
    'a regular expression behind a keyword and a comment': 'function* a() { return /* yes */ /"/; } // yes',
    'divisions': 'a = b / c / d; a = (b) / c; e = f[0] / 2 / g; h = "i" / 2 / 3; j = k.return / 2 / l; // yes',
    'a division behind parentheses and in front of a comment': 'a = f(b) / c; // yes / yes\nd = (e + 1) / 2 /* yes */ / g;',
    'an operator behind a slash of its own line': 'a++ / 2;\nb = {} / 2;\n// yes\n',
    'shifts and comparisons': 'a = b < c, d << 2, e <= f, 1 << g, (h) < i; // yes',
    'a hash-bang': '#!/usr/bin/env node -- don\'t `\n// yes\n',
    'CRLF': '/* yes\r\n * yes */\r\n// yes\r\n',
    'a byte order mark': '\ufeff// yes\n"\ufeff // no"; /* yes */',
    'lone surrogates and astral characters': 'a = "\ud800 😀 // no"; // \udc00 😀 yes\n',
    'nothing but a comment': '// yes',
    'no comment': 'a = b / c; d = "unclosed',
    'adjoining comments': '/* yes *//* yes *//**/// yes',
    'slashes and stars': '/*/ yes */ /** yes **/ //* yes\n/* yes // yes */ a /* yes */ / b;',
    'private names, numbers, optional chains': 'class A { #b = 1_000n / 2 / 3; c = this.#in / 2 / 3 + this.#b?.d / 2 / 3; } // yes',
    'names that end like keywords': 'a = \u00e9in / 2 / 3; b = a.in / 2 / 3; c = \u00e9 / 2 / 3; // yes',
  };
  for (const language of ['javascript', 'typescript']) {
    for (const [what, source] of Object.entries(certain)) {
      it(`reads ${what} as the grammar of ${language}`, () => {
        assert.deepEqual(lex(language, source), judge(language, source).comments);
      });
    }
  }

  it('reads types as the grammar does', () => {
    const source = 'type A<T> = `${T}//no` | "/*no*/"; let a = <B<C>>d; e = f!; g = h as "//no"; // yes\nfunction i<T>(this: T, j?: /* yes */ () => void): j is T {}\n';
    assert.deepEqual(lex('typescript', source), judge('typescript', source).comments);
    assert.equal(judge('typescript', source).comments.length, 2);
  });

  const certainPython: Record<string, string> = {
    'docstrings': '#!/bin/sh\n# yes\n"""yes"""\nclass A(B):\n    r\'\'\'yes\'\'\'  # yes\n    def f(self,\n          a: int=lambda: "no"):\n\n        "yes"\n        "no"\n    async def g(self) -> "no":\n        b"""yes"""\n',
    'other strings': 'a = "# no"; b = \'it\\\'s # no\' # yes\nc = """# no\n""" \\\n  # yes\nif a:\n    "no"\ndef f(): return "no"\n',
    'formatted strings': 'a = f"{b[\'c\']}# no {{}}" # yes\n',
    'a function without a docstring': 'def f(a):\n    # yes\n    return """no"""\n',
    'CRLF': '"""yes\r\nyes"""\r\ndef f():\r\n    """yes"""\r\n    a = \'b \\\r\n# no\' # yes\r\n',
    'a byte order mark': '\ufeff"""yes"""\n# yes\n',
    'lone surrogates': 'a = "\ud800 # no" # \udc00 😀 yes',
    'no comment': '',
  };
  for (const [what, source] of Object.entries(certainPython)) {
    it(`reads ${what} as the grammar of python`, () => {
      assert.deepEqual(lex('python', source), judge('python', source).comments);
    });
  }

  const uncertainPython: Record<string, string> = {
    'a comment in front of a docstring': 'def f(): # yes\n    """yes"""\n',
    'a docstring on the line of its header': 'def f(): "yes"\n',
    'strings joined': '"""?""" "?"\n',
    'quotes of the same kind in a formatted string': 'a = f"{b["c"]}" # yes\n',
    'a formatted string of several lines with a hash': 'a = f"""{b # yes\n}"""\n',
    'a header without a colon': 'def f()\n    """?"""\n',
    'an unclosed string': 'a = "b # ?\n',
    'an unclosed docstring': '"""?\n',
    'an unclosed bracket': 'f(a # yes\n',
    'a form feed': '\f# yes\n',
  };
  for (const [what, source] of Object.entries(uncertainPython)) {
    it(`leaves ${what} to the grammar of python`, () => {
      assert.equal(lex('python', source), undefined);
    });
  }

  const uncertain: Record<string, string> = {
    'text of an element': 'const a = <p>it\'s // no</p>; // yes',
    'an element with a comment': 'return (\n  <p>{/* yes */} // no </p>\n);',
    'a fragment in a condition': 'a && <>// no</>; // yes',
    'an element behind a block': '{ a }\n<p>// no</p>; // yes',
    'a slash behind a brace': 'a = { b } / c / d; // yes',
    'a slash behind an increment': 'a++ / b / c; // yes',
    'what is awaited': 'for await (a of b) /"/.test(a); // yes',
    'a word that is a keyword at times': 'of / b / c; // yes',
    'an HTML comment': 'a;\n<!-- yes\n--> yes\nb; // yes',
    'a script element in a string that is not closed': "a = '</script>\n// yes",
    'an unclosed string': 'a = "b // ?\nc; // yes',
    'an unclosed comment': 'a; /* ?',
    'an unclosed template': 'a = `b ${c} // ?',
    'an unclosed regular expression': 'a = /b ?\nc; // yes',
    'an unclosed bracket': 'function a( { // yes\n',
    'brackets that do not fit': 'a = (b]; // yes\n',
    'a carriage return alone': 'a; // yes\rb; // yes',
    'a line separator': 'a; // yes\u2028b; // yes',
  };
  for (const [what, source] of Object.entries(uncertain)) {
    it(`leaves ${what} to the grammar`, async () => {
      assert.equal(lex('javascript', source), undefined);
      const grammarAlone = judge('javascript', source).comments.length;
      assert.equal((await findComments('javascript', source)).snippets.length > 0, grammarAlone > 0);
    });
  }

  it('takes sources that would keep a careless reader busy for ever', () => {
    for (const source of [`${'(/**/'.repeat(50_000)}${')'.repeat(50_000)}`, `a = ${'}/'.repeat(100_000)}`, `${'a++ / 2;'.repeat(100_000)} // word`, `a${' '.repeat(500_000)}/ b // word`, '`${'.repeat(100_000)]) {
      lex('javascript', source);
    }
  });

  it('finds what the grammar finds in real files, and leaves few to it', function () {
    this.timeout(300_000);
    const files = realFiles(60, 11, 200_000);
    let left = 0;
    for (const { file, language, source } of files) {
      const found = lex(language, source);
      if (found) {
        const { comments, hasError } = judge(language, source);
        assert.ok(hasError || JSON.stringify(found) === JSON.stringify(comments), file);
      } else {
        left += 1;
      }
    }
    assert.ok(files.length > 100);
    assert.ok(left < files.length / 20, `${left} of ${files.length} files are left to the grammar`);
  });

  it('finds what the grammar finds in real files with characters missing and added, where the grammar has no error', function () {
    this.timeout(300_000);
    const random = generator(5);
    const pick = (from: string): string => from[Math.floor(random() * from.length)] ?? '';
    const pieces = realFiles(60, 41, 6_000).map(({ language, source }) => ({ language, source: source.slice(0, 3_000) }));
    let compared = 0;
    for (let round = 0; round < 500; round += 1) {
      const { language, source } = pieces[Math.floor(random() * pieces.length)] ?? assert.fail();
      let mutated = source;
      for (let change = 0; change <= round % 3; change += 1) {
        const at = Math.floor(random() * mutated.length);
        mutated = mutated.slice(0, at) + (random() < 0.5 ? '' : pick('/*\'"`(){}<>!-=+ \n\\$a1#:')) + mutated.slice(at + Number(random() < 0.5));
      }
      const found = lex(language, mutated);
      if (found) {
        const { comments, hasError } = judge(language, mutated);
        if (!hasError) {
          compared += 1;
          assert.deepEqual(found, comments, `round ${round}, ${language}:\n${mutated}`);
        }
      }
    }
    assert.ok(compared > 50, `${compared} compared`);
  });
});
