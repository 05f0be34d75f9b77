import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ModelPackageError } from '../../src/core/model/error';
import { loadModelPackage } from '../../src/core/model/model-package';
import { readerOf, safetensors, tinyFiles } from './tiny-package';

interface Json {
  [key: string]: Json | Json[] | string | string[] | number | number[] | undefined;
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
const inManifest = (change: (manifest: Json & { encoder: Json; tasks: [Json, Json] }) => void) => (files: Map<string, Buffer>): void => {
  const manifest = JSON.parse(files.get('model.json')?.toString() ?? '') as Json & { encoder: Json; tasks: [Json, Json] };
  change(manifest);
  files.set('model.json', Buffer.from(JSON.stringify(manifest)));
};

/** Replaces a file and its entry in the manifest, as someone who packs a wrong file would. */
const replaced = (file: string, bytes: Buffer) => (files: Map<string, Buffer>): void => {
  files.set(file, bytes);
  inManifest((manifest) => ((manifest['files'] as Json)[file] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }))(files);
};

/** Changes the tokenizer as a parsed object. */
const inTokenizer = (change: (tokenizer: { model: { vocab: Record<string, number> } }) => void) => (files: Map<string, Buffer>): void => {
  const tokenizer = JSON.parse(files.get('tokenizer.json')?.toString() ?? '') as { model: { vocab: Record<string, number> } };
  change(tokenizer);
  replaced('tokenizer.json', Buffer.from(JSON.stringify(tokenizer)))(files);
};

/** Replaces a part of the header of the first task's weights by one of the same length. */
const inHeader = (part: string, by: string) => (files: Map<string, Buffer>): void => {
  const bytes = Buffer.from(files.get('tiny-task.safetensors') ?? '');
  bytes.write(by, bytes.indexOf(part));
  replaced('tiny-task.safetensors', bytes)(files);
};

describe('model package', () => {
  it('loads when everything is in order', async () => {
    const { manifest, segments, tasks } = await loadModelPackage(readerOf(tinyFiles()));
    assert.equal(manifest.formatVersion, 4);
    assert.equal(manifest.name, 'tiny');
    assert.equal(segments.length, 3);
    assert.deepEqual([...tasks.keys()], ['tiny-task', 'tiny-topics']);
  });

  it('loads whatever it says of what was measured, and keeps what is well-formed', async () => {
    const measured = { headline: 'debtF1', exits: [{ exit: 0, rows: 10, accuracy: 0.9 }], promise: [{ maxDisagreement: 0.01, certainty: 0.9, meanExit: 1.5, changed: 0, scoreChange: -0.1 }] };
    for (const [quality, expected] of [[measured, [1.5]], [{ promise: [{ meanExit: 'low' }] }, undefined], ['good', undefined]] as const) {
      const files = tinyFiles();
      inManifest(({ tasks }) => (tasks[0]['quality'] = quality as unknown as Json))(files);
      const { tasks } = await loadModelPackage(readerOf(files));
      assert.deepEqual(tasks.get('tiny-task')?.manifest.quality?.promise.map(({ meanExit }) => meanExit), expected);
    }
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
    ['a newer format', inManifest((manifest) => (manifest['formatVersion'] = 5)), /model\.json has format version 5, newer than version 4.* update Glance/u],
    ['an older format', inManifest((manifest) => (manifest['formatVersion'] = 3)), /model\.json has format version 3, older than version 4/u],
    ['a manifest that is a list', (files) => files.set('model.json', Buffer.from('[]')), /model\.json field/u],
    ['a field of the wrong type', inManifest(({ encoder }) => (encoder['hiddenSize'] = 'wide')), /model\.json field encoder\.hiddenSize/u],
    ['a precision that there is not', inManifest(({ encoder }) => (encoder['precision'] = 'float8')), /model\.json field encoder\.precision/u],
    ['a missing field', inManifest(({ tasks }) => delete tasks[0]['labels']), /model\.json field tasks\.0\.labels/u],
    ['a path that leads out of the folder', inManifest(({ encoder }) => (encoder['tokenizer'] = '../tokenizer.json')), /encoder\.tokenizer: must be a plain file name/u],
    ['a file that is not listed', inManifest(({ encoder }) => (encoder['tokenizer'] = 'other.json')), /encoder\.tokenizer: other\.json is not listed/u],
    ['too few temperatures', inManifest(({ tasks }) => (tasks[0]['temperatures'] = [1])), /temperatures: must have one number per exit of the task: 2 to 4/u],
    ['segments that do not reach the last layer', inManifest(({ encoder }) => (encoder['layers'] = 9)), /encoder\.segments: .* end at layer 9/u],
    ['another hidden size than that of the tensors', inManifest(({ encoder }) => (encoder['hiddenSize'] = 5)), /embeddings\.safetensors has tensor words as I8 \[10, 4\] instead of I8 \[10, 5\]/u],
    ['a task that is there twice', inManifest(({ tasks }) => (tasks[1]['id'] = 'tiny-task')), /tasks\.1\.id: tiny-task is there twice/u],
    ['a label that is there twice', inManifest(({ tasks }) => (tasks[0]['labels'] = ['none', 'design', 'design'])), /tasks\.0\.labels: a label is there twice/u],
    ['a silent label that is no label', inManifest(({ tasks }) => (tasks[0]['silentLabel'] = 'nothing')), /tasks\.0\.silentLabel: nothing is not one of the labels/u],
    ['a task that reads more than the encoder', inManifest(({ tasks }) => (tasks[1]['maximumTokens'] = 9)), /tasks\.1\.maximumTokens: must not be above encoder\.maximumTokens: 8/u],
    ['several labels without thresholds', inManifest(({ tasks }) => delete tasks[1]['labelThresholds']), /tasks\.1\.labelThresholds: must be there where multiLabel is true/u],
    ['one label with thresholds', inManifest(({ tasks }) => (tasks[0]['labelThresholds'] = [0.5, 0.5, 0.5])), /tasks\.0\.labelThresholds: .* nowhere else/u],
    ['too few thresholds', inManifest(({ tasks }) => (tasks[1]['labelThresholds'] = [0.5])), /tasks\.1\.labelThresholds: must have one number per label: 3/u],
    ['a promise of findings without a silent label', inManifest(({ tasks }) => ((tasks[1]['promise'] as Json)['of'] = 'findings')), /tasks\.1\.promise\.of: must be findings where there is a silentLabel, and answers elsewhere/u],
    ['a promise of answers with a silent label', inManifest(({ tasks }) => ((tasks[0]['promise'] as Json)['of'] = 'answers')), /tasks\.0\.promise\.of/u],
    ['promises out of order', inManifest(({ tasks }) => (tasks[0]['promise'] as { levels: Json[] }).levels.reverse()), /tasks\.0\.promise\.levels: must go up/u],
    ['a greater promise that is slower', inManifest(({ tasks }) => ((tasks[0]['promise'] as { levels: Json[] }).levels[0]!['certainty'] = 0.01)), /tasks\.0\.promise\.levels: must not go up in certainty/u],
    ['a promise that is no share', inManifest(({ tasks }) => ((tasks[0]['defaults'] as Json)['maxDisagreement'] = 2)), /tasks\.0\.defaults\.maxDisagreement/u],
    ['a missing default', inManifest(({ tasks }) => delete (tasks[0]['defaults'] as Json)['f-pabee']), /tasks\.0\.defaults\.f-pabee/u],
    ['weights that are no safetensors', replaced('tiny-task.safetensors', Buffer.from('not a tensor in sight')), /tiny-task\.safetensors is not a safetensors file/u],
    ['weights without a tensor', replaced('tiny-task.safetensors', safetensors({})), /tiny-task\.safetensors has no tensor exit0\.table/u],
    ['weights without a certainty head', inHeader('"certainty2.weight"', '"xertainty2.weight"'), /tiny-task\.safetensors has no tensor certainty2\.weight/u],
    ['weights without the wide part of an exit', inHeader('"exit1.wide"', '"xxit1.wide"'), /tiny-task\.safetensors has no tensor exit1\.wide/u],
    ['a wide part of another shape', inHeader('"exit1.wide":{"dtype":"F32","shape":[1]', '"exit1.wide":{"dtype":"F32","shape":[3]'), /tiny-task\.safetensors has tensor exit1\.wide as F32 \[3\] instead of F32 \[1\]/u],
    ['a tokenizer with tokens that the model does not know', inTokenizer(({ model: { vocab } }) => (vocab['new'] = 10)), /tokenizer\.json has a token with the id 10, where encoder\.vocabularySize is 10/u],
    ['a tokenizer that is none', replaced('tokenizer.json', Buffer.from('{"model":{}}')), /tokenizer\.json is not a tokenizer file/u],
  ];
  it('reports the same of several faults, whichever file is read first', async () => {
    const files = tinyFiles();
    inManifest(({ encoder }) => (encoder['hiddenSize'] = 5))(files);
    const read = readerOf(files);
    for (const late of files.keys()) {
      const reader: typeof read = async (file, longest) => {
        if (file === late) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return read(file, longest);
      };
      await assert.rejects(loadModelPackage(reader), /embeddings\.safetensors has tensor words/u, `${late} came late`);
    }
  });

  for (const [what, change, message] of faults) {
    it(`refuses ${what}`, async () => {
      assert.match((await faultOf(change)).message, message);
    });
  }
});
