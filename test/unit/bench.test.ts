import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MARKERS, bestPeer, figure, renderResults, renderSummary, replaceBetweenMarkers } from '../../bench/report';
import type { Results, Round, TaskResults, WayResults } from '../../bench/results';
import { median, medianRatio, quantile, shuffled } from '../../bench/statistics';
import { table } from '../../bench/table';
import { deal, describeTexts, everyNth } from '../../bench/workload';

const ROUND: Round = { start: 1000, early: 30, p50: 10, p95: 20, selection: 200, file: 5000, textsPerSecond: 100, busyThreads: 1, memoryLoaded: 2 ** 20, memoryScanned: 2 ** 21 };

const way = (name: string, kind: WayResults['kind'], ...rounds: Partial<Round>[]): WayResults => ({
  name,
  kind,
  rounds: rounds.map((round) => ({ ...ROUND, ...round })),
  scanned: 20,
  meanExit: undefined,
  sameLabel: undefined,
});

const TASK: TaskResults = {
  task: 'comment-debt',
  of: 'comments',
  warmUp: 3000,
  selection: 20,
  file: 500,
  texts: { count: 20, characters: { p10: 1, p50: 2, p90: 3, p99: 4 }, hash: 'abc' },
  ways: [
    way('slow peer', 'peer', { p50: 20, textsPerSecond: 50 }, { p50: 20, textsPerSecond: 50 }),
    way('fast peer', 'peer', { p50: 10, textsPerSecond: 100 }, { p50: 40, textsPerSecond: 25 }),
    way('Glance, full depth', 'glance', { textsPerSecond: 200 }, { textsPerSecond: 50 }),
    way('Glance, 1%', 'glance', { p50: 1, textsPerSecond: 1500, memoryScanned: 300 * 2 ** 20 }, { p50: 4, textsPerSecond: 375, memoryScanned: 300 * 2 ** 20 }),
  ],
};

const RESULTS: Results = {
  commit: 'c0ffee',
  processor: 'a processor',
  processors: 2,
  system: 'Linux x64',
  node: '20.12.0',
  versions: { 'onnxruntime-node': '1.27.0' },
  loadBefore: 0,
  tasks: [TASK],
  sideBySide: 1.5,
  load: { maxDisagreement: 0.01, texts: 2000, idle: 2, beside: 8, asked: 50, memory: 150 * 2 ** 20 },
  scan: { files: 3, bytes: 2e6, comments: 500, maxDisagreement: 0.01, rounds: [{ load: 100, read: 10, cut: 500, classify: 390, whole: 2000 }] },
};

describe('statistics of the bench', () => {
  it('takes the middle, and what lies between', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(quantile([10, 20, 30, 40, 50], 0.95), 48);
    assert.ok(Number.isNaN(median([])));
  });

  it('compares round by round, so that a slow round does not count', () => {
    assert.equal(medianRatio([10, 1, 10], [5, 0.5, 5]), 2);
    assert.throws(() => medianRatio([1], [1, 2]), RangeError);
  });

  it('shuffles the same way for the same seed, and loses nothing', () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    assert.deepEqual(shuffled(items, 1), shuffled(items, 1));
    assert.notDeepEqual(shuffled(items, 1), shuffled(items, 2));
    assert.deepEqual(shuffled(items, 1).sort((a, b) => a - b), items);
  });
});

describe('texts of the bench', () => {
  const TEXTS = Array.from({ length: 40 }, (_, index) => `text ${index}`);
  const SIZES = { warmUp: 2, single: 3, selections: [2, 4], files: [1, 5], scan: 10 } as const;

  it('deals each text once, and the scan in the order of the files', () => {
    const { warmUp, single, selections, files, scan } = deal('a task', TEXTS, SIZES, 7);
    assert.deepEqual([warmUp.length, single.length, selections.map(({ length }) => length), files.map(({ length }) => length), scan.length], [2, 3, [4, 4], [5], 10]);
    const dealt = [...warmUp, ...single, ...selections.flat(), ...files.flat(), ...scan];
    assert.equal(new Set(dealt).size, dealt.length);
    assert.deepEqual([...scan], [...scan].sort((a, b) => TEXTS.indexOf(a) - TEXTS.indexOf(b)));
  });

  it('gives the scan what is left when there are too few', () => {
    assert.equal(deal('a task', TEXTS.slice(0, 20), SIZES, 7).scan.length, 2);
  });

  it('tells texts apart by their hash, and says how long they are', () => {
    const { count, characters, hash } = describeTexts(['a', 'bbb', 'ccccc']);
    assert.deepEqual([count, characters.p50], [3, 3]);
    assert.notEqual(hash, describeTexts(['a', 'bbb', 'cccc']).hash);
    assert.deepEqual(everyNth([0, 1, 2, 3, 4, 5, 6], 3), [0, 3, 6]);
  });
});

describe('report of the bench', () => {
  it('compares with the peer that is best at each thing', () => {
    assert.deepEqual(bestPeer(TASK, 'p50', 'less'), [20, 20]);
    assert.deepEqual(bestPeer(TASK, 'textsPerSecond', 'more'), [100, 25]);
    assert.deepEqual(bestPeer(TASK, ({ p95 }) => p95 / 2, 'less'), [10, 10]);
    assert.equal(bestPeer({ ...TASK, ways: TASK.ways.slice(2) }, 'p50', 'less'), undefined);
  });

  it('compares with no peer that took more threads than one, and says so', () => {
    const several = TASK.ways.map((way) => (way.kind === 'peer' ? { ...way, rounds: way.rounds.map((round) => ({ ...round, busyThreads: 2 })) } : way));
    assert.equal(bestPeer({ ...TASK, ways: several }, 'p50', 'less'), undefined);
    assert.match(renderResults({ ...RESULTS, tasks: [{ ...TASK, ways: several }] }), /more threads than one: \S/u);
    assert.doesNotMatch(renderResults(RESULTS), /more threads than one/u);
  });

  it('says which targets are reached', () => {
    const report = renderResults(RESULTS);
    assert.match(report, /all comments at 1%: 10 times[^|]*\| +15 \| +yes \|/u);
    assert.match(report, /one text among the first 200[^|]*\| +1 \| +no \|/u);
    assert.match(report, /full depth: 1\.2 times[^|]*\| +2 \| +yes \|/u);
    assert.match(report, /first answer: 2 times[^|]*\| +1 \| +no \|/u);
    assert.match(report, /one text beside a scan, p95: within 3 times *\| +4 \| +no \|/u);
    assert.match(report, /below 200 MB *\| +300 \| +no \|/u);
    assert.match(report, /which share nothing, have 1\.5 times the texts\/s/u);
    assert.match(report, /\| these together +\| +1,000 \| +2 \| +500 \|/u);
  });

  it('claims nothing where no peer was measured', () => {
    const report = renderResults({ ...RESULTS, tasks: [{ ...TASK, ways: TASK.ways.slice(2) }] });
    assert.match(report, /\| Glance, 1% +\| +2\.5 \| +20 \| +- \|/u);
    assert.doesNotMatch(report, /reached \|/u);
  });

  it('writes straight tables and short figures', () => {
    assert.equal(table(['', 'ms'], [['one', '1'], ['three', '1,000']]), '|       |    ms |\n| ----- | ----: |\n| one   |     1 |\n| three | 1,000 |');
    assert.deepEqual([1234.5, 123.4, 12.34, 1.234, 0.01234, NaN].map(figure), ['1,235', '123', '12.3', '1.2', '0.012', '-']);
  });

  it('replaces what stands between its markers, and nothing without them', () => {
    const readme = `before\n${MARKERS.begin}\nold\n${MARKERS.end}\nafter\n`;
    assert.equal(replaceBetweenMarkers(readme, 'new'), `before\n${MARKERS.begin}\nnew\n${MARKERS.end}\nafter\n`);
    assert.throws(() => replaceBetweenMarkers('before after', 'new'), /bench: begin/u);
  });

  it('stands in the documents as bench/results.json has it', () => {
    const read = (file: string): string => readFileSync(path.join(__dirname, '../..', file), 'utf8');
    const results = JSON.parse(read('bench/results.json')) as Results;
    for (const [file, content] of [['README.md', renderSummary(results)], ['docs/benchmark.md', renderResults(results)]] as const) {
      assert.equal(replaceBetweenMarkers(read(file), content), read(file), file);
    }
  });
});
