import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomNumbers } from '../../bench/statistics';
import { ModelPackageError } from '../../src/core/model/error';
import { loadModelPackage } from '../../src/core/model/model-package';
import { ChildEngine } from '../../src/engine/child-engine';
import { LocalEngine } from '../../src/engine/local-engine';
import { packageFolder } from '../../src/engine/package-folder';
import { DIST, SHIPPED } from './shipped';
import { readerOf, tinyFiles } from './tiny-package';

const FILES = [...tinyFiles().keys()];
const GIGABYTE = 2 ** 30;
const WINDOWS = process.platform === 'win32';

/** Flips one bit. */
function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return copy;
}

/** The manifest of the tiny package after a change to its text. */
function manifestWith(change: (manifest: Manifest) => void): Buffer {
  const manifest = JSON.parse(tinyFiles().get('model.json')?.toString() ?? '') as Manifest;
  change(manifest);
  return Buffer.from(JSON.stringify(manifest));
}

interface Manifest {
  files: Record<string, unknown>;
  encoder: { tokenizer: string; embeddings: string; segments: { file: string }[] };
  tasks: { weights: string }[];
}

describe('a model package on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
    tinyFiles().forEach((bytes, file) => writeFileSync(path.join(folder, file), bytes));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('loads when nothing is wrong with it', async () => {
    assert.equal((await loadModelPackage(packageFolder(folder))).manifest.name, 'tiny');
  });

  const faults: [what: string, harm: (place: string) => void, message: RegExp][] = [
    ['missing', (place) => rmSync(place), /is not there/u],
    ['a link to nothing', (place) => relink(place, 'nothing'), /is not there/u],
    ['a link to itself', (place) => relink(place, path.basename(place)), /cannot be read \(ELOOP/u],
    ['a folder', (place) => (rmSync(place), mkdirSync(place)), /cannot be read \(it is not a file\)/u],
    ['empty', (place) => truncateSync(place, 0), /is 0 bytes long instead of \d+|is not valid JSON/u],
    ['short of a byte', (place) => truncateSync(place, readFileSync(place).length - 1), /is \d+ bytes long instead of \d+|is not valid JSON/u],
    ['a gigabyte long', (place) => truncateSync(place, GIGABYTE), /cannot be read \(it is 1073741824 bytes long, more than the \d+ that it may have\)/u],
    ['changed in its first bit', (place) => writeFileSync(place, flipped(readFileSync(place), 0)), /was altered|is not valid JSON/u],
  ];
  if (!WINDOWS) {
    faults.push(['a pipe', (place) => (rmSync(place), execFileSync('mkfifo', [place])), /cannot be read \(it is not a file\)/u]);
  }
  for (const file of FILES) {
    for (const [what, harm, message] of faults) {
      it(`is refused when ${file} is ${what}`, async () => {
        harm(path.join(folder, file));
        const engine = new LocalEngine({ model: folder, grammars: folder });
        await assert.rejects(engine.describe(), (error) => {
          assert.ok(error instanceof ModelPackageError, String(error));
          assert.deepEqual([error.file, error.folder], [file, folder]);
          assert.match(error.message, message);
          return true;
        });
        await engine.dispose();
      });
    }
  }

  it('is refused when it is a file, is not there, or is given by a relative path', async () => {
    const refused = async (model: string, message: RegExp): Promise<void> => {
      const engine = new LocalEngine({ model, grammars: folder });
      await assert.rejects(engine.describe(), { name: 'ModelPackageError', message });
    };
    await refused(path.join(folder, 'model.json'), /model\.json cannot be used: model\.json cannot be read \(ENOTDIR|model\.json is not there/u);
    await refused(path.join(folder, 'nowhere'), /nowhere cannot be used: model\.json is not there/u);
    await refused('not/absolute', /in not\/absolute cannot be used: model\.json cannot be read \(the path of its folder must be absolute\)/u);
  });

  function relink(place: string, target: string): void {
    rmSync(place);
    symlinkSync(target, place);
  }
});

describe('a manifest that names files elsewhere', () => {
  const fields: [field: string, set: (manifest: Manifest, name: string) => void][] = [
    ['encoder.tokenizer', ({ encoder }, name) => (encoder.tokenizer = name)],
    ['encoder.embeddings', ({ encoder }, name) => (encoder.embeddings = name)],
    ['encoder.segments.1.file', ({ encoder }, name) => (encoder.segments[1] = { ...encoder.segments[1], file: name })],
    ['tasks.1.weights', ({ tasks: [, task] }, name) => task && (task.weights = name)],
    ['files', ({ files }, name) => (files[name] = files['tokenizer.json'])],
  ];
  const names = ['../tokenizer.json', '/etc/hostname', '..', '.', '', 'folder/tokenizer.json', '..\\tokenizer.json', 'C:\\tokenizer.json', '\\\\host\\share', 'tokenizer.json\0', '~/tokenizer.json', 'file:///etc/hostname'];
  for (const [field, set] of fields) {
    it(`is refused, with the field: ${field}`, async () => {
      for (const name of names) {
        const files = tinyFiles().set('model.json', manifestWith((manifest) => set(manifest, name)));
        const asked: string[] = [];
        const loading = loadModelPackage((file, longest) => {
          asked.push(file);
          return readerOf(files)(file, longest);
        });
        await assert.rejects(loading, (error) => {
          assert.ok(error instanceof ModelPackageError);
          assert.ok(error.message.includes(`model.json field ${field}`), error.message);
          return true;
        });
        assert.deepEqual(asked, ['model.json']);
      }
    });
  }

  it('is refused for a name that every object has', async () => {
    const files = tinyFiles().set('model.json', manifestWith(({ encoder }) => (encoder.tokenizer = 'constructor')));
    await assert.rejects(loadModelPackage(readerOf(files)), /encoder\.tokenizer: constructor is not listed under files/u);
  });
});

describe('a model package with a flipped bit', () => {
  const random = randomNumbers(5);
  const FLIPS = 400;

  it('is refused whichever bit of a file it is', async () => {
    for (const file of FILES.filter((name) => name !== 'model.json')) {
      const bytes = tinyFiles().get(file) ?? Buffer.alloc(0);
      for (let flip = 0; flip < FLIPS / 8; flip += 1) {
        const files = tinyFiles().set(file, flipped(bytes, Math.floor(random() * bytes.length * 8)));
        await assert.rejects(loadModelPackage(readerOf(files)), { name: 'ModelPackageError', file });
      }
    }
  });

  for (const file of FILES) {
    it(`is loaded or refused, with no other error, when it was packed with the bit in ${file}`, async () => {
      const bytes = tinyFiles().get(file) ?? Buffer.alloc(0);
      let refused = 0;
      for (let flip = 0; flip < FLIPS; flip += 1) {
        const packed = flipped(bytes, Math.floor(random() * bytes.length * 8));
        const files = tinyFiles().set(file, packed);
        if (file !== 'model.json') {
          files.set('model.json', manifestWith((manifest) => (manifest.files[file] = { bytes: packed.length, sha256: createHash('sha256').update(packed).digest('hex') })));
        }
        await loadModelPackage(readerOf(files)).catch((error: unknown) => {
          assert.ok(error instanceof ModelPackageError, `flip ${flip}: ${error instanceof Error ? error.stack : String(error)}`);
          refused += 1;
        });
      }
      assert.ok(file.endsWith('.onnx') || refused > 0);
    });
  }
});

describe('the model package that ships', () => {
  const request = { task: 'comment-debt', texts: ['TODO: this is a hack', 'Returns the name.'], policy: { kind: 'full' } } as const;
  const answered = async (chosenModel: string | undefined): Promise<{ name: string; labels: string[]; faults: string[] }> => {
    const faults: string[] = [];
    const engine = new ChildEngine(path.join(DIST, 'engine.js'), SHIPPED, { chosenModel, onModelFault: (fault) => faults.push(fault) });
    try {
      const decisions = [...(await engine.classify(request)), ...(await engine.classify(request))];
      return { name: (await engine.describe()).name, labels: decisions.map(({ label }) => label), faults };
    } finally {
      await engine.dispose();
    }
  };

  it('stays in use when the chosen one cannot be used, which is said once', async () => {
    const shipped = await answered(undefined);
    assert.deepEqual(shipped.faults, []);
    const missing = path.join(os.tmpdir(), 'glance-test-no-such-folder');
    assert.deepEqual(await answered(missing), { ...shipped, faults: [`The model package in ${missing} cannot be used: model.json is not there.`] });
    assert.deepEqual((await answered('not/absolute')).labels, shipped.labels);
  });

  it('gives way to a chosen one that can be used', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
    try {
      cpSync(SHIPPED.model, folder, { recursive: true });
      const manifest = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as object;
      writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ ...manifest, name: 'chosen' }));
      const { name, faults } = await answered(folder);
      assert.deepEqual([name, faults], ['chosen', []]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
