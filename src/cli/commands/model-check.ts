import path from 'node:path';
import { engineFiles } from '../../engine/files';
import { LocalEngine } from '../../engine/local-engine';
import { packageFolder } from '../../engine/package-folder';
import { command } from '../command-line/command';
import { checkModel, type Remark } from '../model-check';
import { print } from '../output';
import { UsageError } from '../usage-error';

const MARKS: Readonly<Record<Remark['kind'], string>> = { right: '✔', wrong: '✘', note: ' ' };

/** `glance model check`. */
export const MODEL_CHECK = command({
  name: 'model check',
  summary: 'says whether a model package can be used, file by file, and what it promises',
  usage: ['model check DIR'],
  options: {},
  offer: 'folders',
  notes: [
    'Opens the package as the engine does: the manifest, the length and SHA-256 of every file, the shape of every tensor, the graphs. Then a few texts are\n' +
      'classified with each task, alone and together: their answers must be probabilities, and must not depend on their company.',
  ],
  statuses: { 1: 'the package cannot be used' },
  examples: [
    ['glance model check ./my-package', 'before it is set as glance.modelPath'],
    ['glance classify --model ./my-package src', 'classifies with it'],
  ],
  async run(_, [folder, ...others]) {
    if (folder === undefined || others.length > 0) {
      throw new UsageError('Name the one folder of the model package, for example: glance model check ./my-package');
    }
    const files = engineFiles(path.resolve(__dirname, '..'), path.resolve(folder));
    const engine = new LocalEngine(files, { executionProvider: 'cpu' });
    let faults = 0;
    try {
      for await (const { kind, text } of checkModel(packageFolder(files.model), engine)) {
        faults += Number(kind === 'wrong');
        await print(`${MARKS[kind]} ${text}\n`);
      }
    } finally {
      await engine.dispose();
    }
    await print(faults === 0 ? 'The package can be used.\n' : `The package cannot be used: ${faults} ${faults === 1 ? 'fault' : 'faults'}.\n`);
    return Number(faults > 0);
  },
});
