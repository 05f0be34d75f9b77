import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import MarkdownIt from 'markdown-it';
import { POLICY_CHOICES } from '../../src/core/exits/policy-choice';
import { LANGUAGES } from '../../src/core/sources/comments/languages';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { TASKS } from '../../src/core/tasks/tasks';
import manifest from '../../package.json';

const ROOT = path.resolve(__dirname, '../..');
const CLI = path.join(ROOT, 'dist/cli.js');

/** What people read, from the root folder on. */
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'bench/README.md', 'models/README.md', 'training/README.md', ...readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

/** All tokens of a document, those inside of lines too. */
function tokensOf(document: string): Token[] {
  return new MarkdownIt({ html: true }).parse(read(document), {}).flatMap((token) => [token, ...(token.children ?? [])]);
}

/** Programs whose commands are checked wherever they stand; others are for blocks. */
const OURS = /^(?:npm|npx|node|glance|python|pytest) (?=\S)/u;

/** Variables of the environment in front of a command. */
const VARIABLES = /^(?:[A-Z_]+=(?:'[^']*'|\S*) )+/u;

/** The commands of a document: each line of a block that a shell would run, and code within sentences that begins with a program of ours. */
function commandsOf(document: string): string[] {
  return tokensOf(document).flatMap(({ type, info, content }) => {
    const lines = content.split('\n').map((line) => line.trim().replace(VARIABLES, '')).filter((line) => line !== '' && !line.startsWith('#'));
    const isShell = (type === 'fence' && info === 'sh') || (type === 'code_block' && lines.every((line) => OURS.test(line) || /^\w[\w-]* /u.test(line)));
    return isShell || (type === 'code_inline' && OURS.test(content.replace(VARIABLES, ''))) ? lines.map((line) => line.replace(/\s+#\s.*$/u, '')) : [];
  });
}

/** `npm SCRIPT` and `npm run SCRIPT`, and the script's own arguments behind `--`. */
const NPM = /^npm (?:run (?:--\S+ )*)?([\w:]+)(?: -- (.*))?$/u;

/** Where the options of an npm script are read: in the script, and what it starts. */
const OPTIONS_OF: Readonly<Record<string, readonly string[]>> = { audit: ['bench/audit/main.ts'], bench: ['bench/main.ts'], start: ['scripts/start.mjs'] };

/** What is wrong with a command; nothing where it is one that there is. */
function fault(command: string): string | undefined {
  const [program = '', ...args] = command.split(/\s+/u);
  switch (program) {
    case 'npm':
      return npmFault(command);
    case 'python':
      return args[0] === '-m' ? trainingFault(args.slice(1)) : missingFile(args);
    case 'npx':
    case 'node':
    case 'pytest':
    case 'spark-submit':
      return missingFile(args);
    case 'glance':
      return glanceFault(command);
    case 'alias':
    case 'cd':
    case 'git':
    case 'pip':
    case 'printf':
    case 'source':
      return undefined;
    default:
      return `nobody knows how to check "${program}"`;
  }
}

/** Of the files of ours that a command names, one that is not there. */
function missingFile(args: readonly string[]): string | undefined {
  return args.filter((arg) => /^(?:src|test|scripts|bench|training|docs|dist|models)\//u.test(arg) && !existsSync(path.join(ROOT, arg))).map((arg) => `there is no ${arg}`)[0];
}

function trainingFault([module = '', command = '', ...args]: readonly string[]): string | undefined {
  const source = read('training/glance_training/__main__.py');
  if (module !== 'glance_training' || !new RegExp(`= _command\\(\\s*commands,\\s*"${command}"`, 'u').test(source)) {
    return `there is no python -m ${module} ${command}`;
  }
  return args.filter((arg) => arg.startsWith('--') && !source.includes(`"${arg}"`)).map((arg) => `python -m glance_training does not know ${arg}`)[0];
}

function npmFault(command: string): string | undefined {
  if (/^npm (?:ci|install)\b/u.test(command)) {
    return undefined;
  }
  const [, script = '', given = ''] = NPM.exec(command.replace(/ [<>].*$/u, '')) ?? [];
  const file = (manifest.scripts as Readonly<Record<string, string>>)[script];
  if (file === undefined) {
    return `there is no npm script "${script}"`;
  }
  if (script === 'test') {
    return given.split(/\s+/u).filter((suite) => /^[a-z]/u.test(suite) && !suites().includes(suite)).map((suite) => `there is no suite "${suite}"`)[0];
  }
  const sources = [...(/scripts\/[\w-]+\.mjs/u.exec(file) ?? []), ...(OPTIONS_OF[script] ?? [])].map(read).join('');
  return [...given.matchAll(/--([\w-]+)/gu)].map(([, option = '']) => option).filter((option) => !new RegExp(`--${option}\\b`, 'u').test(sources)).map((option) => `npm run ${script} does not know --${option}`)[0];
}

/** Whether a command is run below, on files of our own: it has no placeholders, and needs no other program. */
function isRun(command: string): boolean {
  return process.platform !== 'win32' && /^glance (?:classify|teach) /u.test(command) && !/\|| DIR\b|\bFILE\b|\bFOLDER\b|…|\.\.\./u.test(command);
}

/** The suites of `npm test`, as it lists them itself. */
function suites(): string[] {
  const usage = execFileSync(process.execPath, [path.join(ROOT, 'scripts/test.mjs'), '--help'], { encoding: 'utf8' });
  return [...usage.matchAll(/^ {2}([a-z][\w-]*) /gmu)].map(([, name = '']) => name);
}

/** With `--help` the command line looks at the options, and does nothing. */
function glanceFault(command: string): string | undefined {
  const args = command.split(/ [|<>]/u)[0]?.split(/\s+/u).slice(1) ?? [];
  if (args[0] === 'COMMAND') {
    return undefined;
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args, '--help'], { encoding: 'utf8' });
  if (status !== 0) {
    return stderr;
  }
  const [name = ''] = args;
  return name.startsWith('-') || new RegExp(`\\bglance ${name}\\b`, 'u').test(stdout) ? undefined : `glance has no command "${name}"`;
}

describe('documents', () => {
  it('have the settings of the manifest: after a change run "npm run docs"', () => {
    const { status, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'scripts/docs.mjs'), '--check'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  for (const document of DOCUMENTS) {
    it(`${document} leads to files and headings that there are`, () => {
      const targets = tokensOf(document).flatMap(({ type, attrs }) => (['link_open', 'image'].includes(type) ? (attrs ?? []).flatMap(([name, target]) => (['href', 'src'].includes(name) ? String(target) : [])) : []));
      for (const target of targets.filter((target) => !/^https?:/u.test(target))) {
        const [file = '', heading] = decodeURIComponent(target).split('#');
        const found = file === '' ? document : path.join(path.dirname(document), file);
        assert.ok(existsSync(path.join(ROOT, found)), `${target} is not there`);
        assert.ok(heading === undefined || anchorsOf(found).includes(heading), `${target}: there is no such heading`);
      }
    });

    it(`${document} has commands that there are`, () => {
      const faults = [...new Set(commandsOf(document))].filter((command) => !isRun(command)).flatMap((command) => fault(command) ?? []).map((what) => `${document}: ${what}`);
      assert.deepEqual(faults, []);
    });
  }

  it('have every label, task and policy that there is, and no others', () => {
    const firstCells = (document: string, pattern: RegExp): string[] => [...read(document).matchAll(pattern)].map(([, cell = '']) => cell);
    const reported = Object.entries(COMMENT_DEBT.labels).filter(([label]) => label !== COMMENT_DEBT.silentLabel);
    for (const document of ['README.md', 'docs/editor.md']) {
      assert.deepEqual(firstCells(document, /^\| (\w+ debt) \|/gmu), reported.map(([, { title }]) => title), document);
    }
    assert.deepEqual(firstCells('docs/command-line.md', /^\| `([\w-]+)`/gmu), TASKS.map(({ id }) => id));
    assert.deepEqual(firstCells('docs/policies.md', /^\| `([\w-]+)`/gmu), [...POLICY_CHOICES]);
    const help = execFileSync(process.execPath, [CLI, 'classify', '--help'], { encoding: 'utf8' });
    assert.deepEqual(POLICY_CHOICES.filter((name) => !new RegExp(`^ +${name} {2,}`, 'mu').test(help)), []);
  });

  it('name as many languages as there are with a grammar', () => {
    const [, exact = ''] = /in (TypeScript[^.]*)\. In many others/u.exec(read('docs/editor.md').replaceAll('\n', ' ')) ?? [];
    const names = exact.replace(/ \([^)]*\)/gu, '').split(/, | and /u);
    const grammars = LANGUAGES.filter(({ grammar, id }) => grammar && !id.endsWith('react'));
    assert.equal(names.length, grammars.length, names.join(', '));
  });

  it('are all read for commands, and wrong commands are told', () => {
    const commands = DOCUMENTS.flatMap(commandsOf);
    for (const command of ['npm test -- unit', 'glance --help', 'npm run bench -- --write']) {
      assert.ok(commands.some((known) => known.startsWith(command)), command);
    }
    for (const wrong of ['npm run nothing', 'npx mocha test/unit/nothing.test.ts', 'npm test -- nothing', 'npm run bench -- --nothing', 'glance nothing src', 'glance classify --nothing', 'node scripts/nothing.mjs', 'python -m glance_training nothing', 'nothing']) {
      assert.ok(fault(wrong), wrong);
    }
  });
});

/** Headings of a document, as links name them. */
function anchorsOf(document: string): string[] {
  const tokens = tokensOf(document);
  return tokens.flatMap(({ type }, index) => (type === 'heading_open' ? [tokens[index + 1]?.content ?? ''] : [])).map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

describe('commands of the documents that classify', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'glance-docs-'));
    const file = (name: string, text: string): void => {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    };
    cpSync(path.join(ROOT, 'test/fixtures/workspace'), path.join(folder, 'src'), { recursive: true });
    cpSync(path.join(ROOT, 'test/fixtures/workspace/README.md'), path.join(folder, 'README.md'));
    file('docs/more.md', '# More\n\nRead on.\n');
    file('rows.jsonl', '{"id": 1, "text": "// TODO: a comment"}\n');
    const examples = ['secret', 'other'].flatMap((label) => Array.from({ length: 10 }, (_, index) => JSON.stringify({ text: `the ${label} number ${index}`, label })));
    file('.vscode/glance/NAME.jsonl', `{"glance": 1, "task": "name", "title": "Name", "texts": "comments", "silent": "other"}\n${examples.join('\n')}\n`);
    file('bin/glance', `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(path.join(folder, 'bin/glance'), 0o755);
    spawnSync(process.execPath, [CLI, 'classify', '--write-baseline', '.glance-baseline.json', 'src'], { cwd: folder });
  });

  after(() => rmSync(folder, { recursive: true }));

  for (const command of new Set(DOCUMENTS.flatMap(commandsOf).filter(isRun))) {
    it(command, () => {
      // Rows that are asked for come from the file, where the command does not say so.
      const input = readFileSync(path.join(folder, 'rows.jsonl'));
      const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', input, env: { ...process.env, PATH: `${path.join(folder, 'bin')}${path.delimiter}${process.env['PATH']}` } });
      assert.equal(status, command.includes('--fail-on-findings') ? 1 : 0, stderr);
    });
  }
});

describe('docs/architecture.md', () => {
  const diagram = /```mermaid\n([\s\S]*?)```/u.exec(read('docs/architecture.md'))?.[1] ?? '';
  const folders = readdirSync(path.join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

  it('has the folders of src in its diagram, and no others', () => {
    assert.deepEqual([...new Set(diagram.match(/src(?:\/[\w-]+)+/gu))].sort(), folders.sort());
  });

  it('has an arrow where a room imports from another, and no others', () => {
    const rooms = folders.filter((folder) => folder.split('/').length === 2).map((folder) => path.basename(folder));
    const imports = rooms.flatMap((room) => {
      const files = readdirSync(path.join(ROOT, 'src', room), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
      return files.flatMap((name) => {
        const file = path.join('src', room, name);
        const modules = [...read(file).matchAll(/\bfrom '(\.[^']*)'/gu)].map(([, module = '']) => path.relative('src', path.join(path.dirname(file), module)).split(path.sep)[0] ?? '');
        return modules.filter((other) => other !== room && rooms.includes(other)).map((other) => `${room} --> ${other}`);
      });
    });
    assert.deepEqual((diagram.match(/\w+ --> \w+/gu) ?? []).sort(), [...new Set(imports)].sort());
  });

  it('lists the folders beside src', () => {
    const listed = [...read('docs/architecture.md').matchAll(/^\| `([\w-]+)` \|/gmu)].map(([, name]) => name);
    const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter((file) => file.includes('/') && !file.startsWith('.')).map((file) => file.split('/')[0]);
    assert.deepEqual(listed.sort(), [...new Set(tracked)].filter((name) => name !== 'src').sort());
  });
});
