import assert from 'node:assert/strict';
import { ignoreInsertion, todoInsertion, type Insertion } from '../../src/core/sources/comments/insertions';
import { LANGUAGES, languageById } from '../../src/core/sources/comments/languages';
import { findComments } from './comment-source';

async function texts(language: string, source: string): Promise<string[]> {
  return (await findComments(language, source)).snippets.map(({ text }) => text);
}

function insert(source: string, { offset, text }: Insertion): string {
  return source.slice(0, offset) + text + source.slice(offset);
}

/** A comment that says something in every language, in every way that it has to write one. */
function commentsIn(id: string): string[] {
  const { grammar, markers } = languageById(id) ?? {};
  const byGrammar: Record<string, string[]> = {
    python: ['# a hack', '"""a hack"""', "'''a hack'''"],
    ruby: ['# a hack', '=begin\na hack\n=end'],
    shellscript: ['# a hack'],
    php: ['// a hack', '# a hack', '/* a hack */'],
    css: ['/* a hack */'],
    ini: ['; a hack'],
    rust: ['// a hack', '/* a hack */', '/// a hack', '//! a hack', '/** a hack */'],
  };
  return grammar
    ? (byGrammar[id] ?? ['// a hack', '/* a hack */', '/** a hack */', '/*\n * a hack\n */'])
    : [...(markers?.line ?? []).map((open) => `${open} a hack`), ...(markers?.block ?? []).map(([open, close]) => `${open} a hack ${close}`)];
}

/** A source with a comment in it. */
function sourceWith(id: string, comment: string): string {
  return `${id === 'php' ? '<?php\n' : ''}${comment}\n`;
}

describe('glance-ignore', () => {
  it('silences the comment that it stands in', async () => {
    assert.deepEqual(await texts('java', 'int a; // a hack, glance-ignore\nint b; // one\nint c; /* glance-ignore: known */ int d; /* two */\n'), ['one']);
    assert.deepEqual(await texts('java', '// glance-ignore\n// a hack\n// of two lines\n\n// one\n'), ['one']);
    assert.deepEqual(await texts('java', '/**\n * A hack.\n * glance-ignore\n */\n\nint a; // one\n'), ['one']);
  });

  it('silences the comment that starts on the next line, where it stands alone', async () => {
    assert.deepEqual(await texts('java', '// glance-ignore\nint a; // a hack\nint b; // one\n'), ['one']);
    assert.deepEqual(await texts('java', '\t// glance-ignore: the vendor knows\n\t/*\n\t * A hack.\n\t */\n// one\n'), ['one']);
    assert.deepEqual(await texts('java', '// one hack\n// glance-ignore\nint a; // another\nint b; // one\n'), ['one']);
    assert.deepEqual(await texts('java', '// glance-ignore\n\nint a; // one\n'), ['one']);
    assert.deepEqual(await texts('java', '// a hack. glance-ignore\nint a; // one\n'), ['one']);
    assert.deepEqual(await texts('java', '// glance-ignore\n// a hack\nint a; // one\n'), ['one']);
  });

  it('silences the comments of its own line, where it stands at the end', async () => {
    assert.deepEqual(await texts('java', '/* a hack */ int a; // glance-ignore\nint b; // one\n'), ['one']);
    assert.deepEqual(await texts('python', 'def f():\n    """A hack."""  # glance-ignore\n    # one\n'), ['one']);
  });

  it('silences a file', async () => {
    assert.deepEqual(await findComments('java', '// one\n\n// a licence\n// glance-ignore-file: generated\nint a; // two\n'), { snippets: [], ignored: 3, foundBy: 'grammar' });
    assert.deepEqual(await texts('java', '// one word on glance-ignore-file\nint a; // two\n'), ['one word on glance-ignore-file', 'two']);
  });

  it('is a word of its own, and no text', async () => {
    for (const source of ['// no-glance-ignore\n', '// glance-ignores\n', '// glance-ignored\n', '// glance-ignore-next\n', '// Glance-Ignore\n']) {
      assert.equal((await texts('java', source)).length, 1, source);
    }
    assert.deepEqual(await texts('java', 'String s = "// glance-ignore-file"; // one\n'), ['one']);
  });

  it('is counted: how many comments were left out that say something else', async () => {
    assert.equal((await findComments('java', '// glance-ignore\nint a; // a hack\n')).ignored, 1);
    assert.equal((await findComments('java', '// glance-ignore\n// a hack\n')).ignored, 1);
    assert.equal((await findComments('java', '// glance-ignore-file\n')).ignored, 0);
    assert.equal((await findComments('java', '// one\n')).ignored, 0);
  });

  it('takes a hundred thousand of them, and a very long line', async () => {
    assert.deepEqual(await texts('lua', 'x = 1 -- a hack glance-ignore\n'.repeat(100_000)), []);
    assert.deepEqual(await texts('javascript', `${'a(/* glance-ignore */);'.repeat(50_000)}\n// one`), ['one']);
  });

  for (const { id } of LANGUAGES) {
    it(`can be put in, in ${id}`, async () => {
      for (const comment of commentsIn(id)) {
        const source = sourceWith(id, comment);
        const { snippets: [snippet], ignored } = await findComments(id, source);
        assert.ok(snippet, comment);
        assert.equal(ignored, 0);
        const changed = insert(source, ignoreInsertion(source, snippet.range));
        assert.deepEqual(await texts(id, changed), [], changed);
        assert.ok(changed.endsWith(sourceWith('', comment)), changed);
      }
    });
  }

  it('is put above a comment with its indentation, or into it, where code stands before it', async () => {
    const put = async (language: string, source: string): Promise<string> => {
      const { snippets: [snippet] } = await findComments(language, source);
      assert.ok(snippet);
      const changed = insert(source, ignoreInsertion(source, snippet.range));
      assert.deepEqual(await texts(language, changed), [], changed);
      return changed;
    };
    assert.equal(await put('java', '\t/** A hack. */\n\tint a;\n'), '\t/* glance-ignore */\n\t/** A hack. */\n\tint a;\n');
    assert.equal(await put('java', 'int a; // a hack\n'), 'int a; // a hack glance-ignore\n');
    assert.equal(await put('java', 'int a; // a hack\n       // of two lines\n'), 'int a; // a hack\n       // of two lines glance-ignore\n');
    assert.equal(await put('java', 'int a; /* a hack */ int b;\n'), 'int a; /* a hack glance-ignore */ int b;\n');
    assert.equal(await put('typescriptreact', 'const a = <p>{/* a hack */}</p>;\n'), 'const a = <p>{/* a hack glance-ignore */}</p>;\n');
    assert.equal(await put('python', 'def f():\n    """A hack."""\n'), 'def f():\n    # glance-ignore\n    """A hack."""\n');
    assert.equal(await put('html', '<p>a</p><!-- a hack -->'), '<p>a</p><!-- a hack glance-ignore -->');
    assert.equal(await put('sql', '--a hack\n'), '-- glance-ignore\n--a hack\n');
  });
});

describe('a TODO for other tools', () => {
  const put = async (language: string, source: string): Promise<string | undefined> => {
    const { snippets: [snippet] } = await findComments(language, source);
    assert.ok(snippet);
    const insertion = todoInsertion(source, snippet.range);
    return insertion && insert(source, insertion);
  };

  it('stands before the first word', async () => {
    assert.equal(await put('java', 'int a; // ugly, but fast\n'), 'int a; // TODO: ugly, but fast\n');
    assert.equal(await put('java', '/**\n * Ugly.\n */\n'), '/**\n * TODO: Ugly.\n */\n');
    assert.equal(await put('java', '//----------\n// Ugly.\n//----------\n'), '//----------\n// TODO: Ugly.\n//----------\n');
    assert.equal(await put('python', 'def f():\n    """Ugly."""\n'), 'def f():\n    """TODO: Ugly."""\n');
    assert.equal(await put('html', '<!-- Ugly -->'), '<!-- TODO: Ugly -->');
  });

  it('is not put in where there is one, or another word that tools look for', async () => {
    for (const word of ['TODO', 'FIXME', 'HACK', 'XXX', 'TODO(me):']) {
      assert.equal(await put('java', `// ${word} ugly\n`), undefined);
    }
    assert.equal(await put('java', '// to do: a hack\n'), '// TODO: to do: a hack\n');
  });
});
