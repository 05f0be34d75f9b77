import type { Load } from './load';
import type { Results, Round, ScanRound, TaskResults, WayResults } from './results';
import { EARLY_TEXTS } from './measure';
import { median, medianRatio } from './statistics';
import { table } from './table';

/** Lines of a document between which the results of a command stand. */
export interface Markers {
  readonly begin: string;
  readonly end: string;
}

/** Where the bench's stand. */
export const MARKERS: Markers = { begin: '<!-- bench: begin -->', end: '<!-- bench: end -->' };

const MEGABYTE = 2 ** 20;

/** The ways that the summary has: one of each kind. */
const SUMMARY = ['keyword rule', '@huggingface/transformers, one at a time', '@huggingface/transformers, batches of 32, sorted', 'ONNX Runtime alone, one at a time', 'Glance, full depth', 'Glance, 1%', 'Glance, 2%'];

/** What people ask first, as Markdown, of the texts of the first task. */
export function renderSummary({ tasks: [main], commit, processor }: Results): string {
  if (!main) {
    return 'Nothing was measured.';
  }
  const rows = main.ways.filter(({ name }) => SUMMARY.includes(name)).map((way) => [
    way.name,
    figure(median(series(way, 'p50'))),
    figure(median(series(way, 'textsPerSecond'))),
    figure(timesPeer(main, way, 'textsPerSecond', 'more')),
    figure(median(series(way, 'memoryScanned')) / MEGABYTE),
  ]);
  return `${main.texts.count.toLocaleString('en-US')} ${main.of}, one thread each, at commit ${commit} on ${processor}:\n\n${table(['', 'one text when warm, ms', 'all, texts/s', 'x best peer', 'memory, MB'], rows)}`;
}

/** The results as Markdown. */
export function renderResults(results: Results): string {
  const [main, ...others] = results.tasks;
  const { processor, processors, system, node, commit, versions, loadBefore } = results;
  const parts = [
    `Measured by \`npm run bench\` at commit ${commit} on ${processors} x ${processor}, ${system}, Node.js ${node}, one thread each (${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}); medians of ${main?.ways[0]?.rounds.length ?? 0} rounds. Load of the machine before: ${loadBefore.toFixed(1)}.`,
    ...(main ? [describeTask(main), mainTable(main)] : []),
    ...(others.length > 0 ? [others.map(describeTask).join('\n'), otherTable(others)] : []),
    renderLoad(results.load),
    scanTable(results.scan),
    ...(main ? [targets(main, results.load)] : []),
    ...(results.sideBySide === undefined ? [] : [`Two processes with Glance as a library, which share nothing, have ${figure(results.sideBySide)} times the texts/s of one on this machine: what a second process can bring here.`]),
  ];
  return parts.join('\n\n');
}

/**
 * A text with what stands between the markers replaced.
 * @throws {Error} when the markers are not there.
 */
export function replaceBetweenMarkers(text: string, content: string, markers = MARKERS): string {
  const [begin, end] = [text.indexOf(markers.begin), text.indexOf(markers.end)];
  if (begin < 0 || end < begin) {
    throw new Error(`The results go between the lines ${markers.begin} and ${markers.end}, which are not there.`);
  }
  return `${text.slice(0, begin + markers.begin.length)}\n${content}\n${text.slice(end)}`;
}

/** A number of three digits or so, as people write it. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) {
    return '-';
  }
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(value >= 10 ? 3 : 2)).toString();
}

/** What is compared of a round. */
type Quantity = keyof Round | ((round: Round) => number);

/** Texts per second of processor time: comparable even where other work kept the ways waiting. */
function textsPerProcessorSecond({ textsPerSecond, busyThreads }: Round): number {
  return textsPerSecond / busyThreads;
}

/** From here on a way kept more threads busy than one. Even the others have some small work beside their own thread. */
const MORE_THAN_ONE_THREAD = 1.5;

function tookMoreThreads(way: WayResults): boolean {
  return median(series(way, 'busyThreads')) >= MORE_THAN_ONE_THREAD;
}

/**
 * The rounds of the peer that is best at something, with one thread as all others: a library without an option for it may take more. Undefined
 * where no such peer was measured.
 */
export function bestPeer({ ways }: TaskResults, what: Quantity, better: 'more' | 'less'): readonly number[] | undefined {
  const sign = better === 'more' ? -1 : 1;
  return ways
    .filter((way) => way.kind === 'peer' && !tookMoreThreads(way))
    .map((way) => series(way, what))
    .sort((a, b) => sign * (median(a) - median(b)))[0];
}

function series({ rounds }: WayResults, what: Quantity): number[] {
  return rounds.map((round) => (typeof what === 'function' ? what(round) : round[what]));
}

/** How many times better than the best peer a way is. NaN where no peer was measured. */
function timesPeer(task: TaskResults, way: WayResults, what: Quantity, better: 'more' | 'less'): number {
  const peer = bestPeer(task, what, better);
  if (!peer) {
    return NaN;
  }
  return better === 'more' ? medianRatio(series(way, what), peer) : medianRatio(peer, series(way, what));
}

function describeTask({ task, of, texts: { count, characters, hash } }: TaskResults): string {
  const { p10, p50, p90, p99 } = characters;
  return `*${task}*: ${count} texts (${of}; SHA-256 ${hash}), in characters p10 ${p10}, median ${p50}, p90 ${p90}, p99 ${p99}.`;
}

function mainTable(task: TaskResults): string {
  const header = ['', 'one text, ms', 'p95', 'x peer', `of the first ${EARLY_TEXTS}`, 'x peer', `selection of ${task.selection}, ms`, `file of ${task.file}, ms`, 'all, texts/s', 'x peer', 'x peer, processor', 'first answer, ms', 'x peer', 'loaded, MB', 'after all, MB', 'threads', 'mean exit', 'same label'];
  const rows = task.ways.map((way) => {
    const middle = (what: keyof Round): number => median(series(way, what));
    return [
      way.name,
      figure(middle('p50')),
      figure(middle('p95')),
      figure(timesPeer(task, way, 'p50', 'less')),
      figure(middle('early')),
      figure(timesPeer(task, way, 'early', 'less')),
      figure(middle('selection')),
      figure(middle('file')),
      figure(middle('textsPerSecond')),
      figure(timesPeer(task, way, 'textsPerSecond', 'more')),
      figure(timesPeer(task, way, textsPerProcessorSecond, 'more')),
      figure(middle('start')),
      figure(timesPeer(task, way, 'start', 'less')),
      figure(middle('memoryLoaded') / MEGABYTE),
      figure(middle('memoryScanned') / MEGABYTE),
      middle('busyThreads').toFixed(1),
      way.meanExit?.toFixed(2) ?? '',
      way.sameLabel === undefined ? '' : percent(way.sameLabel),
    ];
  });
  const measured = Math.min(...task.ways.map(({ scanned }) => scanned));
  return `${table(header, rows)}\n\n"x peer": how many times the speed of the best peer, by the clock or by processor time. "One text": the median when ${task.warmUp.toLocaleString('en-US')} have been classified, and of the first ${EARLY_TEXTS} of the process. "All": of the slow ways, ${measured} texts, evenly spread. "Threads": processor time over time. "Same label": as Glance at full depth.${notCompared(task)}`;
}

function notCompared({ ways }: TaskResults): string {
  const names = ways.filter((way) => way.kind === 'peer' && tookMoreThreads(way)).map(({ name }) => name);
  return names.length > 0 ? ` Not compared with, since they took more threads than one: ${names.join('; ')}.` : '';
}

function otherTable(tasks: readonly TaskResults[]): string {
  const rows = tasks.flatMap((task) =>
    task.ways.map((way) => [
      way.name,
      task.task,
      figure(median(series(way, 'p50'))),
      figure(timesPeer(task, way, 'p50', 'less')),
      figure(median(series(way, 'textsPerSecond'))),
      figure(timesPeer(task, way, 'textsPerSecond', 'more')),
      way.meanExit?.toFixed(2) ?? '',
      way.sameLabel === undefined ? '' : percent(way.sameLabel),
    ]),
  );
  return table(['', 'task', 'one text, ms', 'x peer', 'all, texts/s', 'x peer', 'mean exit', 'same label'], rows);
}

function scanTable({ files, bytes, comments, maxDisagreement, rounds }: Results['scan']): string {
  const megabytes = bytes / 1e6;
  const row = (name: string, what: (round: ScanRound) => number): string[] => {
    const seconds = median(rounds.map(what)) / 1000;
    return [name, figure(seconds * 1000), figure(megabytes / seconds), figure(comments / seconds)];
  };
  return `A scan of ${files} source files of installed packages (${figure(megabytes)} MB, ${comments} comments) at ${percent(maxDisagreement)}:\n\n${table(
    ['', 'ms', 'MB/s', 'comments/s'],
    [
      row('load the model', ({ load }) => load),
      row('read', ({ read }) => read),
      row('cut', ({ cut }) => cut),
      row('classify', ({ classify }) => classify),
      row('these together', ({ load, read, cut, classify }) => load + read + cut + classify),
      row('`glance classify`, from start to end', ({ whole }) => whole),
    ],
  )}`;
}

/** What a scan does to those who wait for one text, as Markdown. */
export function renderLoad({ maxDisagreement, texts, idle, beside, asked, memory }: Load): string {
  const megabytes = figure(memory / MEGABYTE);
  return `One text that somebody waits for, at ${percent(maxDisagreement)}: 95% are answered within ${figure(idle)} ms, and beside a scan of ${texts.toLocaleString('en-US')} texts, ${asked.toLocaleString('en-US')} times, within ${figure(beside)} ms, ${figure(beside / idle)} times as long. The engine's process then took ${megabytes} MB at most.`;
}

/** Whether the aims of the project are reached: each with what was measured. */
function targets(task: TaskResults, load: Load): string {
  const way = (name: string): WayResults | undefined => task.ways.find((candidate) => candidate.name === name);
  const [full, promise, library, both] = [way('Glance, full depth'), way('Glance, 1%'), way('Glance, 1%, as a library'), way('Glance, 1%, two processes')];
  const twice = (times: number): [string, string, boolean] => ['all comments in two processes: 1.8 times one', figure(times), times >= 1.8];
  if (!full || !promise || !bestPeer(task, 'p50', 'less')) {
    return 'The targets are compared where full depth, 1% and a peer were measured.';
  }
  const memory = median(series(promise, 'memoryScanned')) / MEGABYTE;
  const rows: [target: string, measured: string, reached: boolean][] = [
    ...([
      ['all comments at 1%: 10 times the peer (aim: 25)', timesPeer(task, promise, 'textsPerSecond', 'more'), 10],
      [`one text at 1%, p50, through the engine's process, after ${task.warmUp.toLocaleString('en-US')}: 5 times the peer`, timesPeer(task, promise, 'p50', 'less'), 5],
      ...(library ? [['the same in one process, as the peer is: 5 times', timesPeer(task, library, 'p50', 'less'), 5] as const] : []),
      [`one text among the first ${EARLY_TEXTS} of the engine's process: 5 times`, timesPeer(task, promise, 'early', 'less'), 5],
      ['full depth: 1.2 times the peer', timesPeer(task, full, 'textsPerSecond', 'more'), 1.2],
      ['first answer: 2 times the peer', timesPeer(task, promise, 'start', 'less'), 2],
    ] as const).map(([target, times, wanted]): [string, string, boolean] => [target, figure(times), times >= wanted]),
    ...(both ? [twice(medianRatio(series(both, 'textsPerSecond'), series(promise, 'textsPerSecond')))] : []),
    ['memory after all: below 200 MB', figure(memory), memory < 200],
    ['one text beside a scan, p95: within 3 times', figure(load.beside / load.idle), load.beside <= 3 * load.idle],
  ];
  return table(['target', 'measured', 'reached'], rows.map(([target, measured, reached]) => [target, measured, reached ? 'yes' : 'no']));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}
