import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ModelPackageError } from '../../src/core/model/error';
import { loadModelPackage } from '../../src/core/model/model-package';
import { readerOf, safetensors, tinyFiles } from './tiny-package';

interface Json {
  [key: string]: Json | Json[] | string | number | undefined;
}

/** Loads the tiny package after a change to its files. */
async function faultOf(change: (files: Map<string, Buffer>) => void): Promise<ModelPackageError> {
  const files = tinyFiles();
  change(files);
  try {
    await loadModelPackage(readerOf(files));
  } catch (error) {
    assert.ok(error instanceof ModelPackageError, String(error));
    return error;
  }
  return assert.fail('the package was loaded');
}

/** Changes the manifest as a parsed object. */
const inManifest = (change: (manifest: Json & { encoder: Json; tasks: [Json] }) => void) => (files: Map<string, Buffer>): void => {
  const manifest = JSON.parse(files.get('model.json')?.toString() ?? '') as Json & { encoder: Json; tasks: [Json] };
  change(manifest);
  files.set('model.json', Buffer.from(JSON.stringify(manifest)));
};

/** Replaces a file and its entry in the manifest, as someone who packs a wrong file would. */
const replaced = (file: string, bytes: Buffer) => (files: Map<string, Buffer>): void => {
  files.set(file, bytes);
  inManifest((manifest) => ((manifest['files'] as Json)[file] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }))(files);
};

describe('model package', () => {
  it('loads when everything is in order', async () => {
    const { manifest, segments, tasks } = await loadModelPackage(readerOf(tinyFiles()));
    assert.equal(manifest.name, 'tiny');
    assert.equal(segments.length, 3);
    assert.deepEqual([...tasks.keys()], ['tiny-task']);
  });

  for (const file of tinyFiles().keys()) {
    it(`names ${file} when it is missing`, async () => {
      const error = await faultOf((files) => files.delete(file));
      assert.equal(error.file, file);
      assert.match(error.message, /is not there/u);
    });

    it(`names ${file} when it is cut short`, async () => {
      const error = await faultOf((files) => files.set(file, Buffer.from(files.get(file) ?? '').subarray(0, 5)));
      assert.equal(error.file, file);
      assert.match(error.message, file === 'model.json' ? /not valid JSON/u : /is 5 bytes long instead of \d+/u);
    });

    if (file !== 'model.json') {
      it(`names ${file} when a bit of it has flipped`, async () => {
        const error = await faultOf((files) => {
          const bytes = Buffer.from(files.get(file) ?? '');
          bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
          files.set(file, bytes);
        });
        assert.equal(error.file, file);
        assert.match(error.message, /was altered/u);
      });
    }
  }

  const faults: [what: string, change: (files: Map<string, Buffer>) => void, message: RegExp][] = [
    ['a newer format', inManifest((manifest) => (manifest['formatVersion'] = 2)), /model\.json has format version 2, newer .* update Glance/u],
    ['a manifest that is a list', (files) => files.set('model.json', Buffer.from('[]')), /model\.json field/u],
    ['a field of the wrong type', inManifest(({ encoder }) => (encoder['hiddenSize'] = 'wide')), /model\.json field encoder\.hiddenSize/u],
    ['a missing field', inManifest(({ tasks }) => delete tasks[0]['labels']), /model\.json field tasks\.0\.labels/u],
    ['a path that leads out of the folder', inManifest(({ encoder }) => (encoder['tokenizer'] = '../tokenizer.json')), /encoder\.tokenizer: must be a plain file name/u],
    ['a file that is not listed', inManifest(({ encoder }) => (encoder['tokenizer'] = 'other.json')), /encoder\.tokenizer: other\.json is not listed/u],
    ['too few temperatures', inManifest(({ tasks }) => (tasks[0]['temperatures'] = [1] as unknown as Json[])), /temperatures: must have one number per exit: 4/u],
    ['segments that do not reach the last layer', inManifest(({ encoder }) => (encoder['layers'] = 9)), /encoder\.segments: .* end at layer 9/u],
    ['another hidden size than that of the tensors', inManifest(({ encoder }) => (encoder['hiddenSize'] = 5)), /embeddings\.safetensors has tensor words as I8 \[10, 4\] instead of I8 \[10, 5\]/u],
    ['weights that are no safetensors', replaced('task.safetensors', Buffer.from('not a tensor in sight')), /task\.safetensors is not a safetensors file/u],
    ['weights without a tensor', replaced('task.safetensors', safetensors({})), /task\.safetensors has no tensor exit0\.table/u],
    ['a tokenizer that is none', replaced('tokenizer.json', Buffer.from('{"model":{}}')), /tokenizer\.json is not a tokenizer file/u],
  ];
  for (const [what, change, message] of faults) {
    it(`refuses ${what}`, async () => {
      assert.match((await faultOf(change)).message, message);
    });
  }
});
