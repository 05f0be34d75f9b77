import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mock } from 'node:test';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { randomNumbers } from '../../bench/statistics';
import type { Decision } from '../../src/core/exits/decision';
import { ChildEngine } from '../../src/engine/child-engine';
import { SupervisedEngine } from '../../src/engine/supervised-engine';
import { PATIENCE, Watchdog, type Patience } from '../../src/engine/watchdog';
import { isAlive } from './processes';
import { DIST } from './shipped';
import { DEADLY, TinyEngine } from './tiny-engine';

const KILLS = 100;
const NO_PAUSE = [0, 0, 0, 0, 0, 0];
const NO_FILES = { model: '', grammars: '' };
const WORDS = ['todo', 'fix', 'this', 'ok', 'maybe', 'fixs', 'other'];

const request = (texts: readonly string[]) => ({ task: 'tiny-task', texts, policy: { kind: 'full' } }) as const;
/** All that is the same each time. */
const answer = ({ label, labels, confidence, exit, trace }: Decision): unknown => ({ label, labels, confidence, exit, trace });

async function whenGone(pid: number): Promise<void> {
  while (isAlive(pid)) {
    await sleep(5);
  }
}

describe('an engine whose process is brought down', () => {
  let folder: string;
  let server: string;
  let parent: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
    const entryPoints = ['tiny-server', 'tiny-parent'].map((name) => path.join(__dirname, `${name}.ts`));
    buildSync({ entryPoints, outdir: folder, bundle: true, platform: 'node', format: 'cjs', target: 'node20' });
    [server, parent] = [path.join(folder, 'tiny-server.js'), path.join(folder, 'tiny-parent.js')];
  });
  after(() => rmSync(folder, { recursive: true }));

  /**
   * A supervised engine, and the processes that it has started.
   * @param patience with the first of them, the second ...
   */
  const supervised = (...patience: Patience[]): { engine: SupervisedEngine; children: ChildEngine[] } => {
    const children: ChildEngine[] = [];
    const engine = new SupervisedEngine(
      () => {
        const child = new ChildEngine(server, NO_FILES, { patience: patience[children.length] });
        children.push(child);
        return child;
      },
      undefined,
      NO_PAUSE,
    );
    return { engine, children };
  };

  it(`gives every text of a scan one answer, the undisturbed one, when it is killed ${KILLS} times at random points`, async function () {
    this.timeout(120_000);
    const random = randomNumbers(20_261_121);
    const batch = (number: number): string[] => Array.from({ length: 1 + (number % 7) }, (_, text) => Array.from({ length: 1 + ((number + text) % 6) }, (_, word) => WORDS[(number * 31 + text * 7 + word * word) % WORDS.length]).join(' '));
    const { engine, children } = supervised();
    const answers: Decision[][][] = [];
    /** By batch under way: deaths since it was asked for. */
    const deaths = new Map<number, number>();
    let kills = 0;
    let next = 0;
    const scan = async (): Promise<void> => {
      while (kills < KILLS) {
        const number = next;
        next += 1;
        deaths.set(number, 0);
        (answers[number] ??= []).push(await engine.classify(request(batch(number))));
        deaths.delete(number);
      }
    };
    const kill = async (): Promise<void> => {
      while (kills < KILLS) {
        await sleep(random() * 100);
        const child = children.at(-1);
        // Two deaths more, and a request would be taken for their cause; one that came to a dying process has lived through one unseen here.
        if (child?.processId !== undefined && isAlive(child.processId) && Math.max(...deaths.values()) < 2) {
          process.kill(child.processId, 'SIGKILL');
          kills += 1;
          deaths.forEach((count, number) => deaths.set(number, count + 1));
          await child.ended;
        }
      }
    };
    try {
      await Promise.all([kill(), scan(), scan(), scan()]);
      const undisturbed = new TinyEngine();
      assert.ok(next > KILLS);
      for (let number = 0; number < next; number += 1) {
        const [decisions, ...more] = answers[number] ?? [];
        assert.deepEqual(decisions?.map(answer), (await undisturbed.classify(request(batch(number)))).map(answer));
        assert.deepEqual(more, []);
      }
      assert.ok(children.length >= KILLS);
      assert.ok(children.slice(0, -1).every(({ processId }) => processId !== undefined && !isAlive(processId)));
    } finally {
      await engine.dispose();
    }
  });

  it('gives up a request that brings it down again and again, and none that was merely near it', async () => {
    const { engine, children } = supervised();
    try {
      const near = [request(['todo']), request(['fix this'])];
      const [deadly, ...others] = await Promise.allSettled([engine.classify(request(['ok', DEADLY])), ...near.map((innocent) => engine.classify(innocent))]);
      assert.match(String(deadly?.status === 'rejected' && deadly.reason), /died 4 times over the same request, which is given up; the last time it ended with (signal SIGKILL|exit status)/u);
      assert.deepEqual(others.map(({ status }) => status), ['fulfilled', 'fulfilled']);
      assert.equal((await engine.classify(request(['todo']))).length, 1);
      assert.equal(children.length, 5);
    } finally {
      await engine.dispose();
    }
  });

  it('is replaced when it hangs', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    // On a busy machine, a process needs its time to start: patience ends with its first answer.
    const patience = { interval: 50, intervals: Infinity };
    const { engine, children } = supervised(patience);
    try {
      const expected = (await engine.classify(request(['todo fix']))).map(answer);
      const [hung] = children;
      patience.intervals = 10;
      process.kill(hung?.processId ?? 0, 'SIGSTOP');
      assert.deepEqual((await engine.classify(request(['todo fix']))).map(answer), expected);
      assert.equal(await hung?.ended, 'it gave no sign of life for 0.5 seconds');
      assert.equal(children.length, 2);
      assert.ok(!isAlive(hung?.processId ?? 0));
    } finally {
      await engine.dispose();
    }
  });

  it('leaves no process behind when the process that started it is killed at work', async () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 5; round += 1) {
      const started = spawn(process.execPath, [parent, server], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
      const pid = Number((await lines.next()).value);
      assert.ok(isAlive(pid));
      assert.equal((await lines.next()).value, 'answered');
      await sleep(random() * 100);
      started.kill('SIGKILL');
      await once(started, 'exit');
      await whenGone(pid);
    }
  });
});

describe('the command line, one of whose processes is brought down', () => {
  it('answers every row all the same', async function () {
    this.timeout(180_000);
    if (!existsSync(`/proc/self/task/${process.pid}/children`)) {
      this.skip();
    }
    const rows = Array.from({ length: 12_000 }, (_, id) => `${JSON.stringify({ id, text: `TODO: step ${id} is not done` })}\n`).join('');
    const start = (processes: number) => {
      const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), 'classify', '--jsonl', '--policy', 'patience', '--processes', String(processes)], { stdio: 'pipe' });
      child.stdin.end(rows);
      return { child, stdout: text(child.stdout), stderr: text(child.stderr) };
    };
    const { child, stdout, stderr } = start(2);
    const killed = new Set<number>();
    while (killed.size < 2 && child.exitCode === null) {
      const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
      if (pid !== undefined && !killed.has(pid)) {
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
      }
      await sleep(5);
    }
    assert.equal(await stderr, '');
    assert.equal(await stdout, await start(1).stdout);
    assert.equal(killed.size, 2);
  });
});

describe('watchdog', () => {
  /** A watchdog on a clock that is put forward by hand. */
  const watched = (ping: () => Promise<unknown>): { watchdog: Watchdog; silences: number[]; pass: (intervals: number) => Promise<void> } => {
    const silences: number[] = [];
    const watchdog = new Watchdog(ping, (milliseconds) => silences.push(milliseconds), PATIENCE);
    const pass = async (intervals: number): Promise<void> => {
      for (let interval = 0; interval < intervals; interval += 1) {
        mock.timers.tick(PATIENCE.interval);
        await Promise.resolve();
      }
    };
    return { watchdog, silences, pass };
  };
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  it('does not strike who answers, nor who is busy for less than its patience', async () => {
    let answerPing: (value?: unknown) => void = () => undefined;
    const { watchdog, silences, pass } = watched(() => new Promise((resolve) => (answerPing = resolve)));
    watchdog.start();
    for (let round = 0; round < 3; round += 1) {
      await pass(PATIENCE.intervals);
      answerPing();
      await Promise.resolve();
    }
    assert.deepEqual(silences, []);
    watchdog.stop();
  });

  it('strikes once who stays silent, after a minute', async () => {
    const { watchdog, silences, pass } = watched(() => new Promise(() => undefined));
    watchdog.start();
    await pass(PATIENCE.intervals);
    assert.deepEqual(silences, []);
    await pass(3);
    assert.deepEqual(silences, [60_000]);
  });

  it('does not watch who has no work', async () => {
    const { watchdog, silences, pass } = watched(() => new Promise(() => undefined));
    watchdog.start();
    await pass(PATIENCE.intervals);
    watchdog.stop();
    await pass(PATIENCE.intervals);
    watchdog.start();
    await pass(PATIENCE.intervals);
    assert.deepEqual(silences, []);
    watchdog.stop();
  });
});
