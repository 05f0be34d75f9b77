import assert from 'node:assert/strict';
import { decodeSource } from '../../src/core/files/decode';
import { exclusions } from '../../src/core/files/exclusions';
import { IgnoreRules } from '../../src/core/files/ignore-rules';
import { filesUnder, isLeftOut, type Entry, type FolderReader } from '../../src/core/files/walk';

/** A folder in memory. */
class MemoryFolder implements FolderReader {
  readonly ignoreCase = false;

  constructor(private readonly files: Readonly<Record<string, string>>) {}

  list(path: string): Promise<Entry[]> {
    const prefix = path === '' ? '' : `${path}/`;
    const below = Object.keys(this.files).filter((file) => file.startsWith(prefix)).map((file) => file.slice(prefix.length));
    const names = new Map(below.map((file) => [file.split('/')[0] ?? '', file.includes('/') ? ('folder' as const) : ('file' as const)]));
    return Promise.resolve([...names].map(([name, kind]) => ({ name, kind })));
  }

  read(path: string): Promise<string | undefined> {
    return Promise.resolve(this.files[path]);
  }
}

const folder = (...files: readonly (string | readonly [string, string])[]): MemoryFolder =>
  new MemoryFolder(Object.fromEntries(files.map((file) => (typeof file === 'string' ? [file, ''] : file))));

async function walked(reader: FolderReader, ...rest: [above?: readonly IgnoreRules[], isExcluded?: ReturnType<typeof exclusions>, start?: string]): Promise<string[]> {
  const files: string[] = [];
  for await (const file of filesUnder(reader, ...rest)) {
    files.push(file);
  }
  return files;
}

describe('files under a folder', () => {
  const nested = folder('a.ts', 'out/b.ts', 'src/c.gen.ts', 'src/d.gen.ts', 'src/deep/out/e.ts', '.git/config', ['.gitignore', 'out/\n*.gen.ts\n'], ['src/.gitignore', '!d.gen.ts\n/deep/\n'], ['src/deep/.gitignore', '!out/\n']);

  it('are in order, without what .gitignore files leave out: the deepest decides', async () => {
    assert.deepEqual(await walked(nested), ['.gitignore', 'a.ts', 'src/.gitignore', 'src/d.gen.ts']);
  });

  it('can be those below a place in it, by the same rules', async () => {
    assert.deepEqual(await walked(nested, [], undefined, 'src'), ['src/.gitignore', 'src/d.gen.ts']);
    assert.deepEqual(await walked(nested, [], undefined, 'src/deep'), []);
    assert.deepEqual(await walked(nested, [], undefined, '.git'), []);
  });

  it('are told one by one as by a walk', async () => {
    const kept = await walked(nested);
    for (const file of ['a.ts', 'out/b.ts', 'src/c.gen.ts', 'src/d.gen.ts', 'src/deep/out/e.ts', '.git/config']) {
      assert.equal(await isLeftOut(nested, file, false, [], () => false), !kept.includes(file), file);
    }
  });

  it('obey rules above the folder, unless those ignore the folder itself', async () => {
    const plain = folder('a.ts', 'dist/b.ts');
    assert.deepEqual(await walked(plain, [new IgnoreRules('packages/app/dist', false, 'packages/app/', '')]), ['a.ts']);
    assert.deepEqual(await walked(plain, [new IgnoreRules('packages/\ndist', false, 'packages/app/', '')]), ['a.ts', 'dist/b.ts']);
  });

  it('are without what patterns exclude', async () => {
    const tree = folder('a.ts', 'a.js', 'b.js', 'node_modules/c.js', 'lib/node_modules/d.js', 'lib/.hidden/e.js', 'docs/f.js');
    const excluded = exclusions({ '**/node_modules': true, 'docs': true, '**/*.js': { when: '$(basename).ts' } }, { docs: false });
    assert.deepEqual(await walked(tree, [], excluded), ['a.ts', 'b.js', 'docs/f.js', 'lib/.hidden/e.js']);
    assert.deepEqual(await walked(tree, [], exclusions({ '**/.hidden': true, '{docs,lib/node_modules}/**': true })), ['a.js', 'a.ts', 'b.js', 'node_modules/c.js']);
  });
});

describe('bytes of a file', () => {
  it('are UTF-8, or UTF-16 by their mark; or binary', () => {
    assert.equal(decodeSource(Buffer.from('\ufeff// größe')), '// größe');
    assert.equal(decodeSource(Buffer.from('\ufeff// größe', 'utf16le')), '// größe');
    assert.equal(decodeSource(Buffer.from('\ufeff// größe', 'utf16le').swap16()), '// größe');
    assert.equal(decodeSource(new Uint8Array([0x2f, 0, 0x2f])), undefined);
    assert.equal(decodeSource(new Uint8Array([0xff, 0x2f])), '\ufffd/');
  });
});
