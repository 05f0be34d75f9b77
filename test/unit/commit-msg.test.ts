import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { COMMANDS } from '../../src/cli/commands';
import { GitRepository, whyNoGit } from '../git-repository';
import { glance, type Run } from './run-glance';
import { DIST, SHIPPED } from './shipped';

// None of these depends on what the weights answer: any answer contradicts from a confidence of 0 on, none from one of 100% on.
const ANY = ['--minimum-confidence', '0%'];
const NONE = ['--minimum-confidence', '100%'];

describe('glance commit-msg', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  const check = (message: string, ...options: string[]): Promise<Run> => glance(['commit-msg', ...options, '-'], message, folder);

  it('says which type a message reads like, and warns where there is none', async () => {
    const { status, stdout, stderr } = await check('mend the login of guests\n');
    assert.deepEqual([status, stdout], [0, '']);
    const [, label] = /^glance: No type yet; reads like (\w+): [\w ]+, \d+% sure, left at exit \d of \d\.\n/u.exec(stderr) ?? [];
    assert.ok(label !== undefined, stderr);
    assert.ok(stderr.endsWith(`\n  ${label}: mend the login of guests\n`), stderr);
    const typed = await check(`${label}(login): mend the login of guests\n`, ...ANY);
    assert.deepEqual([typed.status, typed.stderr], [0, '']);
    assert.match(typed.stdout, new RegExp(`^Reads like ${label}: `, 'u'));
  });

  it('warns where the typed type reads like another and the model is sure enough, and keeps the scope', async () => {
    const types = ['feat', 'docs'];
    const runs = await Promise.all(types.map((type) => check(`${type}(login)!: mend the login of guests\n`, ...ANY)));
    const warned = runs.findIndex(({ stderr }) => stderr !== '');
    const { status, stderr } = runs[warned] ?? assert.fail('one of them must contradict the model');
    assert.equal(status, 0);
    assert.match(stderr, new RegExp(`^glance: Typed as "${types[warned]}", but reads like (\\w+): .+\\n {2}\\1\\(login\\)!: mend the login of guests\\n$`, 'u'));
    assert.equal((await check(`${types[warned]}: mend the login of guests\n`, ...NONE)).stderr, '');
  });

  it('refuses with --strict what it warns of otherwise', async () => {
    const untyped = await check('mend the login of guests', '--strict');
    assert.equal(untyped.status, 1);
    assert.match(untyped.stderr, /No type yet.*[^]*git commit --no-verify/u);
    const types = await Promise.all(['feat', 'docs'].map((type) => check(`${type}: mend the login of guests`, '--strict', ...ANY)));
    assert.ok(types.some(({ status, stderr }) => status === 1 && /Typed as/u.test(stderr)));
    assert.ok(types.every(({ status, stderr }) => status === Number(stderr !== '')));
    assert.equal((await check('feat: mend the login of guests', '--strict', ...NONE)).status, 0);
    const short = await check('wip', '--strict');
    assert.deepEqual([short.status, short.stderr.split('\n', 1)[0]], [1, 'glance: No type yet, as in "fix: ...".']);
    assert.deepEqual(await check('deps: mend the login of guests', '--strict', ...ANY).then(({ status, stderr }) => [status, stderr]), [0, ''], 'a type of the project');
  });

  it('leaves alone what git wrote, what it strips, and nothing', async () => {
    for (const message of ['', '\n# Please enter the commit message\n', "Merge branch 'a' into b", 'Revert "mend it"', 'fixup! mend it', 'squash! mend it all', 'amend! mend it all']) {
      assert.deepEqual(await check(message, '--strict', ...ANY), { status: 0, stdout: '', stderr: '' }, message);
    }
    const [plain, commented] = await Promise.all([check('mend the login'), check('# a comment\nmend the login\n# ------------------------ >8 ------------------------\ndiff --git a/guide.md b/guide.md\n')]);
    assert.equal(commented.stderr, plain.stderr);
  });

  it('blocks no commit because the model cannot run', async () => {
    const model = path.join(folder, 'model');
    cpSync(SHIPPED.model, model, { recursive: true });
    rmSync(path.join(model, 'model.json'));
    const { status, stderr } = await check('feat: mend the login of guests', '--strict', '--model', model);
    assert.equal(status, 0);
    assert.match(stderr, /^glance: The message was not classified: The model package in .* cannot be used: model\.json is not there/u);
  });

  it('refuses what is no message', async () => {
    for (const [args, message] of [
      [[], /Name the file of the message, or - for standard input: there is no repository of git here/u],
      [['none.txt'], /none\.txt does not exist/u],
      [['.'], /\. cannot be read \(EISDIR\)/u],
      [['a', 'b'], /Name one file/u],
      [['--minimum-confidence', '1', '-'], /--minimum-confidence is a share.*Did you mean 1%\?/u],
    ] as const) {
      const { status, stderr } = await glance(['commit-msg', ...args], '', folder, { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder) });
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    }
  });

  describe('in a repository', () => {
    let repository: GitRepository;
    before(function () {
      if (whyNoGit() !== undefined) {
        this.skip();
      }
      repository = new GitRepository([['feat: start', 'a.ts']]);
    });
    after(() => repository?.remove());

    /** Commits as a user does. @returns git's exit status, and what the hook said. */
    const commit = (env: NodeJS.ProcessEnv, ...args: string[]): { status: number | null; stderr: string } =>
      spawnSync('git', ['commit', '--allow-empty', '--no-gpg-sign', ...args], { cwd: repository.folder, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: os.devNull, GIT_CONFIG_NOSYSTEM: '1', ...env } });

    const install = (options: string): void => {
      // As the help says, with the built command for `glance`.
      const { notes = [] } = COMMANDS.find(({ name }) => name === 'commit-msg') ?? {};
      const [, line = ''] = /As a hook of git:\n {2}(.+)$/mu.exec(notes.join('\n')) ?? [];
      assert.equal(spawnSync('sh', ['-c', line], { cwd: repository.folder }).status, 0);
      writeFileSync(path.join(folder, 'glance'), `#!/bin/sh\nexec "${process.execPath}" "${path.join(DIST, 'cli.js')}" "$1" ${options} "$2"\n`);
      chmodSync(path.join(folder, 'glance'), 0o755);
    };
    const withGlance = (): NodeJS.ProcessEnv => ({ PATH: `${folder}${path.delimiter}${process.env['PATH']}` });

    it('is a hook that lets every commit pass unless it is to be strict', function () {
      if (process.platform === 'win32') {
        this.skip();
      }
      install('');
      const { status, stderr } = commit(withGlance(), '--message', 'mend the login of guests');
      assert.equal(status, 0);
      assert.match(stderr, /^glance: No type yet; reads like/mu);
      install('--strict');
      assert.equal(commit(withGlance(), '--message', 'mend the login of guests').status, 1);
      assert.equal(commit(withGlance(), '--message', 'mend the login of guests', '--no-verify').status, 0);
    });

    it('reads comments as git does: none where no editor opened, by their own mark where that is set', function () {
      if (process.platform === 'win32') {
        this.skip();
      }
      install('--strict');
      assert.match(commit(withGlance(), '--message', '#12 mend the login').stderr, / {2}\w+: #12 mend the login\n/u);
      repository.git('config', 'core.commentChar', ';');
      assert.match(commit({ ...withGlance(), GIT_EDITOR: 'printf "; a comment\\n#12 mend it all\\n" >' }).stderr, / {2}\w+: #12 mend it all\n/u);
      repository.git('config', '--unset', 'core.commentChar');
    });

    it('takes the mark of comments by its newer name, too, and the one that git chose', async () => {
      const answer = async (message: string): Promise<string> => (await glance(['commit-msg', '-'], message, repository.folder)).stderr;
      for (const [mark, message] of [['//', '// a comment\n#12 mend it all\n'], ['auto', '#12 mend it all\n\n; Lines starting with ";" will be ignored\n']] as const) {
        repository.git('config', 'core.commentString', mark);
        assert.match(await answer(message), / {2}\w+: #12 mend it all\n/u);
      }
      repository.git('config', '--unset', 'core.commentString');
    });

    it('reads HEAD in a clone, which has no message that git wrote, and needs a commit', async () => {
      repository.git('commit', '--quiet', '--allow-empty', '--no-gpg-sign', '--no-verify', '--message', '#12 mend the login of guests');
      const clone = path.join(folder, 'clone');
      repository.git('clone', '--quiet', '.', clone);
      assert.match((await glance(['commit-msg'], '', clone)).stderr, / {2}\w+: #12 mend the login of guests\n$/u);
      const empty = path.join(folder, 'empty');
      spawnSync('git', ['init', '--quiet', empty]);
      const { status, stderr } = await glance(['commit-msg'], '', empty);
      assert.deepEqual([status, stderr], [2, 'glance: There is no commit here yet: name the file of the message, or - for standard input.\n']);
    });

    it('reads the staged paths, and the message that git wrote last', async () => {
      writeFileSync(path.join(repository.folder, '.git/COMMIT_EDITMSG'), 'say how it is installed');
      repository.write('b.ts', '');
      repository.git('add', 'b.ts');
      const answer = async (): Promise<string> => (await glance(['commit-msg'], '', repository.folder)).stderr;
      const code = await answer();
      repository.git('mv', 'b.ts', 'README.md');
      const guide = await answer();
      assert.match(code, /^glance: No type yet; reads like/u);
      assert.notEqual(guide, code);
    });
  });
});
