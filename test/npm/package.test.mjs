// The npm package as people get it: packed, installed without a network into an empty folder, used with Node.js alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { run, withLifetime } from '../../scripts/harness/lifetime.mjs';
import { ROOT, cleanEnvironment, npmCommand } from '../../scripts/harness/paths.mjs';
import { packageNpm } from '../../scripts/package-npm.mjs';

describe('the npm package', () => {
  let folder;
  let end;
  let lived;

  before(async function () {
    this.timeout(600_000);
    // Everything lives until the last test is over.
    const ready = new Promise((resolve, reject) => {
      lived = withLifetime(async (lifetime) => {
        folder = lifetime.temporaryFolder('npm');
        const tarball = await packageNpm(lifetime);
        fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
        // A registry that nobody can reach, and a cache that has nothing.
        const npm = npmCommand(['install', '--offline', '--cache', path.join(folder, 'cache'), '--no-audit', '--no-fund', '--loglevel=error', tarball]);
        const { status, output } = await run(lifetime, ...npm, { cwd: folder, env: cleanEnvironment() });
        assert.equal(status, 0, output);
        resolve();
        await new Promise((resolve) => (end = resolve));
      });
      lived.catch(reject);
    });
    await ready;
  });

  after(async () => {
    end?.();
    await lived;
  });

  /** Runs a program in the folder, where nothing of this repository can be found. */
  const runHere = (command, ...args) => withLifetime((lifetime) => run(lifetime, command, args, { cwd: folder, env: cleanEnvironment({ NODE_PATH: '' }) }));

  it('is the only package that is installed, and has no scripts', () => {
    assert.deepEqual(fs.readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.')), ['glance']);
    const { dependencies, scripts } = JSON.parse(fs.readFileSync(path.join(folder, 'node_modules/glance/package.json'), 'utf8'));
    assert.deepEqual([dependencies, scripts], [undefined, undefined]);
  });

  it('classifies a file, with the native engine where there is one', async () => {
    fs.writeFileSync(path.join(folder, 'a.ts'), '// TODO: this is a hack\nrun();\n');
    const [command, args] = npmCommand(['exec', '--offline', '--', 'glance', 'classify', '--format', 'jsonl', 'a.ts']);
    const { status, output } = await runHere(command, ...args);
    assert.equal(status, 0, output);
    const answer = JSON.parse(output.split('\n').find((line) => line.startsWith('{')));
    assert.deepEqual([answer.path, answer.line, answer.text], ['a.ts', 1, 'TODO: this is a hack']);
    assert.equal(answer.engine, `${process.platform}-${process.arch}` === 'darwin-x64' ? 'wasm' : 'native');
  });

  it('has a model package that passes its own check', async () => {
    const glance = path.join(folder, 'node_modules/glance');
    const { status, output } = await runHere(process.execPath, path.join(glance, 'dist/cli.js'), 'model', 'check', path.join(glance, 'models/glance-minilm'));
    assert.equal(status, 0, output);
    assert.match(output, /The package can be used\.\n$/);
  });

  describe('as a library', () => {
    const [, example] = /```ts\n([^]+?)```/.exec(fs.readFileSync(path.join(ROOT, 'docs/library.md'), 'utf8'));

    it('runs the example of docs/library.md', async () => {
      fs.writeFileSync(path.join(folder, 'example.mjs'), example);
      const { status, output } = await runHere(process.execPath, 'example.mjs');
      assert.equal(status, 0, output);
      assert.match(output, /^(\/\/ .+: \w+, [01]\.\d\d sure, exit \d of \d\n){2}$/);
    });

    it('has types, with which that example compiles and a wrong one does not', async () => {
      const compile = (name, text) => {
        fs.writeFileSync(path.join(folder, name), text);
        const types = ['--types', 'node', '--typeRoots', path.join(ROOT, 'node_modules/@types')];
        return runHere(process.execPath, path.join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', ...types, name);
      };
      const right = await compile('example.mts', example);
      assert.equal(right.status, 0, right.output);
      const wrong = await compile('wrong.mts', example.replace("'comment-debt'", '7'));
      assert.match(wrong.output, /wrong\.mts\(\d+,\d+\): error TS2345: Argument of type 'number'/);
    });

    it('says what is wrong, and is closed at any time', async () => {
      fs.writeFileSync(path.join(folder, 'faults.cjs'), `
        const { Glance } = require('glance');
        (async () => {
          const glance = new Glance({ model: 'none' });
          await glance.classify('poetry', ['a']).catch((error) => console.log(error.name, error.message));
          await glance.classify('comment-debt', ['a']).catch((error) => console.log(error.name, error.message));
          await glance.classify('comment-debt', 'a').catch((error) => console.log(error.name, error.message));
          await glance.classify('comment-debt', ['a', null]).catch((error) => console.log(error.name, error.message));
          await glance.close();
          await new Glance().close();
        })();`);
      const { status, output } = await runHere(process.execPath, 'faults.cjs');
      assert.equal(status, 0, output);
      assert.match(output, /^RangeError There is no task "poetry"; there is comment-debt, .+\nModelPackageError The model package in .+none cannot be used: model\.json is not there\.\nTypeError The texts to classify are a list, .+\nTypeError Text 2 of 2 has no "text" that is a string: .+\n$/);
    });
  });
});
