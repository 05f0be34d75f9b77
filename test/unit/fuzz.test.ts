import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomNumbers } from '../../bench/statistics';
import type { Decision } from '../../src/core/exits/decision';
import type { PolicyChoice } from '../../src/core/exits/policy-choice';
import { LANGUAGES } from '../../src/core/sources/comments/languages';
import { TASKS } from '../../src/core/tasks/tasks';
import { ChildEngine } from '../../src/engine/child-engine';
import type { Engine } from '../../src/engine/engine';
import { LocalEngine } from '../../src/engine/local-engine';
import { glance, type Run } from './run-glance';
import { DIST, LIB_DOM, SHIPPED } from './shipped';

/** Byte strings of the run; more of them by the environment. */
const CASES = Number(process.env['GLANCE_FUZZ_CASES'] ?? 5000);
const SEED = 1_234_567;

/** How many of the strings, evenly spread, go all the way through the encoder, and how many are files. */
const IN_FULL = 100;
const AS_FILES = 400;

/** What parsers, tokenisers and terminals stumble over. */
const PIECES = [
  '/*', '*/', '//', '#', '--', '--[[', ']]', '<!--', '-->', '{-', '-}', '(*', '*)', '"""', "'''", '"', "'", '`', '\\', '\n', '\r\n', '\r', '\t', ' ', '\0', '\u001b[31m', '\u2028', '\ufeff', '\u200d', '\u0301',
  '[SEP]', '[CLS]', '[UNK]', '##', '{', '}', '(', ')', '=begin', '=end', '<<EOF', '<?php', '?>', '%', ';', 'TODO', 'fix', 'ſ', 'Σ', 'İ', '漢', '\u{20000}', '😀', '__proto__', 'constructor',
].map((piece) => Buffer.from(piece));

/** A byte string: noise, or pieces with noise between, mostly short. */
function bytesFrom(random: () => number): Buffer {
  const length = Math.floor(300 ** random());
  const noise = (): Buffer => Buffer.of(Math.floor(random() * 256));
  const pieced = random() < 0.7;
  return Buffer.concat(Array.from({ length }, () => (pieced && random() < 0.8 ? (PIECES[Math.floor(random() * PIECES.length)] ?? noise()) : noise())));
}

/** As text, in an encoding by chance: what is no UTF-8 becomes U+FFFD, and UTF-16 has surrogates that stand alone. */
function decoded(bytes: Buffer, random: () => number): string {
  return bytes.toString((['utf8', 'utf8', 'latin1', 'utf16le'] as const)[Math.floor(random() * 4)]);
}

const LONG = 50_000_000;
/** The cases that everyone thinks of. */
const LISTED: [what: string, text: string][] = [
  ['nothing', ''],
  ['white space', ' \t\r\n\v\f\u00a0\u2028\u3000\ufeff'],
  ['a line of 50 MB', 'todo fix this '.repeat(LONG / 14)],
  ['a word of 50 MB', 'x'.repeat(LONG)],
  ['50 MB of empty lines', '\n'.repeat(LONG)],
  ['binary', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 37) & 255)).toString('latin1')],
  ['lone surrogates', '\ud800 a \udc00\udc00 b \ud83d'],
];

const AT_ONCE: PolicyChoice = { kind: 'entropy', threshold: 10 };
const IN_FULL_DEPTH: PolicyChoice = { kind: 'full' };

function checkDecision({ label, confidence, exit, trace }: Decision, labels: readonly string[]): void {
  assert.ok(labels.includes(label));
  assert.ok(confidence > 0 && confidence <= 1);
  assert.equal(trace.length, exit + 1);
}

/** Neither a crash nor an error that nobody thought of. */
function checkRun({ status, stderr }: Run, expected: readonly number[]): void {
  assert.ok(status !== null && expected.includes(status), `status ${status}: ${stderr.slice(0, 1000)}`);
  assert.doesNotMatch(stderr, /something went wrong|\n\s+at /u);
}

const texts = (): string[] => {
  const random = randomNumbers(SEED);
  return Array.from({ length: CASES }, () => decoded(bytesFrom(random), random));
};
const rowOf = (id: number, text: string): string => `${JSON.stringify({ id, text })}\n`;

/** Rows one by one: together, they would be longer than a string may be. */
function* rowsOf(strings: readonly string[]): Generator<string> {
  for (const [id, text] of strings.entries()) {
    yield rowOf(id, text);
  }
}

describe(`whatever comes in (${CASES} byte strings)`, function () {
  this.timeout(60_000 + CASES * 10);

  describe('the engine', () => {
    let engine: Engine;
    let labels: readonly string[];
    before(async () => {
      engine = new LocalEngine(SHIPPED);
      labels = (await engine.describe()).tasks.find(({ id }) => id === 'comment-debt')?.labels ?? [];
    });
    after(() => engine.dispose());
    const answer = async (texts: readonly string[], policy: PolicyChoice): Promise<void> => {
      const decisions = await engine.classify({ task: 'comment-debt', texts, policy });
      assert.equal(decisions.length, texts.length);
      decisions.forEach((decision) => checkDecision(decision, labels));
    };

    it('answers every string', async () => {
      const strings = texts();
      await answer(strings, AT_ONCE);
      await answer(strings.filter((_, index) => index % Math.ceil(CASES / IN_FULL) === 0), IN_FULL_DEPTH);
    });

    it('finds comments where they are, in every language', async () => {
      const random = randomNumbers(SEED + 1);
      const real = readFileSync(LIB_DOM, 'utf8');
      for (let index = 0; index < CASES / 10; index += 1) {
        const language = LANGUAGES[index % LANGUAGES.length]?.id ?? '';
        const start = Math.floor(random() * (real.length - 500));
        const source = index % 3 === 0 ? real.slice(start, start + 300) + decoded(bytesFrom(random), random) : decoded(bytesFrom(random), random);
        const { snippets } = await engine.findComments({ source, language });
        for (const { text, range } of snippets) {
          assert.ok(text !== '' && range.start >= 0 && range.start < range.end && range.end <= source.length);
        }
      }
    });

    for (const [what, text] of LISTED) {
      it(`answers ${what}, for every task`, async () => {
        await answer([text], IN_FULL_DEPTH);
        const known = new Set((await engine.describe()).tasks.map(({ id }) => id));
        for (const { id, prepare } of TASKS) {
          const prepared = prepare({ text, heading: text, paths: [text] });
          if (known.has(id)) {
            assert.equal((await engine.classify({ task: id, texts: [prepared], policy: IN_FULL_DEPTH })).length, 1);
          }
        }
      });
    }

    it('answers them from its own process, too, and goes on', async () => {
      const child = new ChildEngine(path.join(DIST, 'engine.js'), SHIPPED);
      try {
        for (const [, text] of LISTED) {
          const [there] = await child.classify({ task: 'comment-debt', texts: [text], policy: IN_FULL_DEPTH });
          const [here] = await engine.classify({ task: 'comment-debt', texts: [text], policy: IN_FULL_DEPTH });
          assert.deepEqual(there?.trace, here?.trace);
        }
      } finally {
        await child.dispose();
      }
    });
  });

  describe('the command line', () => {
    let folder: string;
    before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'))));
    after(() => rmSync(folder, { recursive: true }));

    it('answers every string as a row', async () => {
      const strings = texts();
      const run = await glance(['classify', '--jsonl', '--policy', 'entropy', '--threshold', '10'], rowsOf(strings));
      checkRun(run, [0]);
      assert.deepEqual(run.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { id: number }).id), strings.map((_, id) => id));
    });

    it('answers the listed ones as rows of every task', async () => {
      for (const task of ['comment-debt', 'commit-type', 'doc-section']) {
        const run = await glance(['classify', '--jsonl', '--task', task], rowsOf(LISTED.map(([, text]) => text)));
        checkRun(run, [0]);
        assert.equal(run.stdout.trim().split('\n').length, LISTED.length);
      }
    });

    it('answers bytes that are no rows with the number of the line', async () => {
      const random = randomNumbers(SEED + 2);
      for (let round = 0; round < 5; round += 1) {
        const bytes = Buffer.concat([Buffer.from(rowOf(1, 'todo')), Buffer.of(0xff, 0x7b), bytesFrom(random)]);
        const run = await glance(['classify', '--jsonl'], bytes);
        checkRun(run, [2]);
        assert.match(run.stderr, /^glance: Line \d+ of standard input is not /u);
        assert.equal(run.stdout.trim().split('\n').length, 1);
      }
    });

    it('answers every string as a file', async () => {
      const random = randomNumbers(SEED + 3);
      const files = path.join(folder, 'files');
      mkdirSync(files);
      const extensions = ['ts', 'js', 'tsx', 'java', 'c', 'cpp', 'cs', 'go', 'rs', 'py', 'rb', 'php', 'sh', 'ps1', 'css', 'ini', 'sql', 'lua', 'kt', 'yaml', 'html', 'hs', 'unknown'];
      for (let index = 0; index < AS_FILES; index += 1) {
        const marker = [Buffer.of(0xff, 0xfe), Buffer.of(0xfe, 0xff), Buffer.alloc(0), Buffer.alloc(0)][index % 4] ?? Buffer.alloc(0);
        writeFileSync(path.join(files, `${index}.${extensions[index % extensions.length]}`), Buffer.concat([marker, bytesFrom(random)]));
      }
      const run = await glance(['classify', '--format', 'jsonl', files]);
      checkRun(run, [0, 2]);
      assert.match(run.stderr, /comments? of \d+ files/u);
      run.stdout.split('\n').filter(Boolean).forEach((line) => void JSON.parse(line));
    });

    it('answers the listed ones as files', async () => {
      for (const [index, [, text]] of LISTED.entries()) {
        const file = path.join(folder, `listed-${index}.ts`);
        writeFileSync(file, text);
        checkRun(await glance(['classify', file]), text.length > 5_000_000 || text.includes('\0') ? [2] : [0]);
      }
      const line = path.join(folder, 'line.ts');
      writeFileSync(line, `// ${'todo '.repeat(999_999)}`);
      checkRun(await glance(['classify', line]), [0]);
    });
  });
});
