import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { COMMANDS } from '../../src/cli/commands';
import { parseCommandLine } from '../../src/cli/command-line/parse';
import { glance } from './run-glance';

/** The words of a line as a shell passes them on, of its first command; without quotes and redirections. */
const wordsOf = (line: string): string[] => (line.replace(/^.*(?=\bglance )/u, '').split(/ [|<>&]/u, 1)[0] ?? '').replace(/[)"']/gu, '').split(' ').slice(1);

describe('glance --help', () => {
  it('lists every command, and tells the version', async () => {
    const { status, stdout } = await glance(['--help']);
    assert.equal(status, 0);
    COMMANDS.forEach(({ name, summary }) => assert.match(stdout.replace(/\s+/gu, ' '), new RegExp(` ${name} ${summary.replace(/[()]/gu, String.raw`\$&`)}`, 'u')));
    assert.equal((await glance(['-h'])).stdout, stdout);
    assert.match((await glance(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/u);
  });

  for (const command of COMMANDS) {
    it(`explains ${command.name}: every option, the exit statuses, two examples or three at least`, async () => {
      const { status, stdout } = await glance([...command.name.split(' '), '--help']);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`^glance ${command.name}: `, 'u'));
      Object.keys(command.options).forEach((name) => assert.match(stdout, new RegExp(`^  --${name}\\b`, 'mu')));
      assert.match(stdout, /^Exit status:\n {2}0 {2}.+\n(?: {2}1 {2}.+\n)? {2}2 {2}/mu);
      assert.ok(stdout.split('\n').every((line) => line.length <= 160), 'lines fit a wide terminal');
      assert.ok(command.examples.length >= 2);
      for (const [line] of command.examples) {
        // Whether it is understood; running them is for other tests.
        assert.equal(parseCommandLine(wordsOf(line), COMMANDS).kind, 'run', line);
      }
    });
  }
});

describe('glance completions', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a shell without the user's configuration; skips the test where there is no such shell. */
  const shell = (test: Mocha.Context, name: string, ...args: string[]): string => {
    const { status, error, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8', cwd: folder });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
      test.skip();
    }
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    return stdout;
  };
  const script = async (name: string): Promise<string> => {
    const file = path.join(folder, name);
    const { status, stdout } = await glance(['completions', name]);
    assert.equal(status, 0);
    writeFileSync(file, stdout);
    return file;
  };

  it('offer commands, options and values in bash', async function () {
    const file = await script('bash');
    const offered = (...words: string[]): string[] =>
      shell(this, 'bash', '--noprofile', '--norc', '-c', 'source "$0"; COMP_WORDS=(glance "$@"); COMP_CWORD=$#; _glance; echo "${COMPREPLY[*]}"', file, ...words).trim().split(' ');
    const firstWords = new Set(COMMANDS.map(({ name }) => name.split(' ')[0]));
    assert.deepEqual(offered(''), [...firstWords, '--help', '--version']);
    for (const { name, options, offer } of COMMANDS) {
      assert.deepEqual(offered(...name.split(' '), '-'), [...Object.keys(options), 'help'].map((option) => `--${option}`));
      assert.deepEqual(offered(...name.split(' '), ''), Array.isArray(offer) && offer.length > 0 ? offer : ['']);
    }
    assert.deepEqual(offered('classify', '--full', '--format', 's'), ['sarif']);
    assert.deepEqual(offered('classify', '--baseline', ''), [''], 'files are offered by bash itself');
  });

  it('are a script that zsh takes', async function () {
    shell(this, 'zsh', '-f', '-n', await script('zsh'));
  });

  it('offer commands, options and values in fish', async function () {
    const file = await script('fish');
    const offered = (line: string): string[] =>
      shell(this, 'fish', '--no-config', '-c', 'function glance; end; source $argv[1]; complete -C $argv[2]', file, line).trim().split('\n').map((word) => word.split('\t', 1)[0] ?? '');
    assert.deepEqual(offered('glance cl'), ['classify']);
    assert.deepEqual(offered('glance classify --format '), ['json', 'jsonl', 'markdown', 'sarif', 'text']);
    assert.deepEqual(offered('glance completions '), ['bash', 'fish', 'zsh']);
  });

  it('are of shells that there are', async () => {
    for (const args of [[], ['tcsh'], ['bash', 'zsh']]) {
      const { status, stdout, stderr } = await glance(['completions', ...args]);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /Name the shell: one of bash, zsh, fish/u);
    }
  });
});
