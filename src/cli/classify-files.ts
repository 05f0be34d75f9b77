import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pMapIterable } from 'p-map';
import type { Decision } from '../core/exits/decision';
import { languageOfFile } from '../core/sources/comments/languages';
import { LineIndex } from '../core/sources/line-index';
import { sectionsOf } from '../core/sources/markdown/sections';
import type { OffsetRange } from '../core/sources/snippet';
import { describeDecision, isFinding } from '../core/tasks/describe';
import type { Task } from '../core/tasks/task';
import type { Engine } from '../engine/engine';
import { answerFields, note, print } from './output';
import type { InOrder } from './in-order';
import { readSource } from './read-source';
import { taskOfModel } from './task-of-model';
import type { ClassifyOptions } from './usage';
import { filesUnder } from './walk';

/** Texts that are classified together: enough for full batches of one length. */
const TEXTS_AT_A_TIME = 512;

/** Characters of a text in a line. */
const EXCERPT = 100;

const MARKDOWN = /\.(?:md|markdown)$/iu;

/** A text that was cut out of a file: a comment, or a section of documentation. */
interface Cut {
  /** As the model reads it. */
  readonly prepared: string;
  readonly range: OffsetRange;
  /** As its reader sees it. */
  readonly fields: { readonly heading?: string; readonly text: string };
}

/** A text with its place. */
interface Placed extends Cut {
  readonly file: string;
  readonly lines: LineIndex;
}

interface Answered {
  readonly placed: Placed;
  readonly decision: Decision;
}

/** What was done, for the closing line. */
class Tally {
  files = 0;
  texts = 0;
  findings = 0;
  exits = 0;
  /** Languages whose comments were found by their markers. */
  readonly byMarkers = new Set<string>();
  /** Why files in folders were left out, with how many. */
  readonly skipped = new Map<string, number>();
  /** Paths that the user named and that could not be classified. */
  faults = 0;

  fault(named: string, why: string): void {
    this.faults += 1;
    note(`glance: ${named} ${why}.`);
  }
}

/**
 * Classifies the comments of files and folders, or the sections of Markdown files, and prints them. A path that the user named and that cannot be classified is
 * reported, and the others go on.
 * @param inOrder how much is done at the same time; results keep their order.
 */
export async function classifyFiles(
  options: ClassifyOptions,
  paths: readonly string[],
  format: 'text' | 'jsonl',
  engine: Engine,
  inOrder: InOrder,
): Promise<{ readonly findings: boolean; readonly faults: boolean }> {
  const started = performance.now();
  const tally = new Tally();
  const { task, policy } = options;
  const described = await taskOfModel(options, engine);
  const answered = async (batch: readonly Placed[]): Promise<readonly Answered[]> => {
    const decisions = await engine.classify({ task: task.id, policy, priority: 'scan', texts: batch.map(({ prepared }) => prepared) });
    return batch.flatMap((placed, index) => (decisions[index] ? [{ placed, decision: decisions[index] }] : []));
  };
  const cut = pMapIterable(distinct(filesOf(paths, tally)), ({ file, named }) => textsOf(file, named, task, engine, tally), inOrder);
  for await (const batch of pMapIterable(inBatches(cut), answered, inOrder)) {
    for (const { placed, decision } of batch) {
      tally.texts += 1;
      tally.exits += decision.exit;
      const finding = isFinding(task, decision);
      tally.findings += Number(finding);
      if (format === 'jsonl') {
        await print(jsonLine(placed, answerFields(described, decision)));
      } else if (finding || task.silentLabel === undefined) {
        await print(textLine(placed, describeDecision(task, decision)));
      }
    }
  }
  report(tally, task, performance.now() - started);
  return { findings: tally.findings > 0, faults: tally.faults > 0 };
}

/** A file, and whether the user named it. */
interface NamedFile {
  readonly file: string;
  readonly named: boolean;
}

/** Without the files that came before, under whatever name. */
async function* distinct(files: AsyncIterable<NamedFile>): AsyncGenerator<NamedFile> {
  const seen = new Set<string>();
  for await (const named of files) {
    const resolved = path.resolve(named.file);
    if (!seen.has(resolved)) {
      seen.add(resolved);
      yield named;
    }
  }
}

async function* inBatches(files: AsyncIterable<readonly Placed[]>): AsyncGenerator<readonly Placed[]> {
  let batch: Placed[] = [];
  for await (const texts of files) {
    for (const text of texts) {
      batch.push(text);
      if (batch.length === TEXTS_AT_A_TIME) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/** The files that paths name, and those below the folders that they name. */
async function* filesOf(paths: readonly string[], tally: Tally): AsyncGenerator<NamedFile> {
  for (const named of paths) {
    const stats = await stat(named).catch((error: NodeJS.ErrnoException) => error);
    if (stats instanceof Error) {
      tally.fault(named, stats.code === 'ENOENT' ? 'does not exist' : `cannot be read (${stats.code})`);
    } else if (stats.isDirectory()) {
      for await (const file of filesUnder(named, (folder, { code }) => tally.fault(folder, `cannot be read (${code})`))) {
        yield { file, named: false };
      }
    } else {
      yield { file: named, named: true };
    }
  }
}

/** None when the file cannot be classified: a file that the user named is then reported, one in a folder is counted. */
async function textsOf(file: string, named: boolean, task: Task, engine: Engine, tally: Tally): Promise<Placed[]> {
  const leaveOut = (why: string, counted: string): Placed[] => {
    if (named) {
      tally.fault(file, why);
    } else {
      tally.skipped.set(counted, (tally.skipped.get(counted) ?? 0) + 1);
    }
    return [];
  };
  const unknown = task.texts === 'comments' ? !languageOfFile(file) : !MARKDOWN.test(file);
  if (unknown) {
    const binary = named ? await readSource(file) : undefined;
    const [why, counted] = task.texts === 'comments' ? ['is in a language whose comments Glance does not know', 'of an unknown language'] : ['is not Markdown', 'other than Markdown'];
    return leaveOut(binary && 'fault' in binary ? binary.fault : why, counted);
  }
  const source = await readSource(file);
  if ('fault' in source) {
    return leaveOut(source.fault, source.counted);
  }
  let cuts: Cut[];
  try {
    cuts = task.texts === 'comments' ? await commentsOf(file, source.text, engine, tally) : sectionsOf(source.text).map((section) => ({ prepared: task.prepare(section), range: section.range, fields: { heading: section.heading, text: section.text.trim() } }));
  } catch (error) {
    tally.fault(file, `was not classified (${(error as Error).message})`);
    return [];
  }
  tally.files += 1;
  const lines = new LineIndex(source.text);
  return cuts.map((cut) => ({ ...cut, file, lines }));
}

async function commentsOf(file: string, source: string, engine: Engine, { byMarkers }: Tally): Promise<Cut[]> {
  const language = languageOfFile(file)?.id ?? '';
  const { snippets, foundBy } = await engine.findComments({ source, language });
  if (foundBy === 'markers') {
    byMarkers.add(language);
  }
  return snippets.map(({ text, range }) => ({ prepared: text, range, fields: { text } }));
}

function textLine({ file, lines, range, fields }: Placed, description: string): string {
  const { line, column } = lines.position(range.start);
  const [shown = ''] = (fields.heading || fields.text).split('\n', 1);
  const start = shown.length > EXCERPT ? `${shown.slice(0, EXCERPT)}…` : shown;
  // A text of a stranger's file must not send commands to the terminal.
  const excerpt = start.replace(/\p{Cc}/gu, '\ufffd');
  return `${file}:${line + 1}:${column + 1}: ${description}: ${excerpt}\n`;
}

function jsonLine({ file, lines, range, fields }: Placed, answer: Record<string, unknown>): string {
  const start = lines.position(range.start);
  const end = lines.position(range.end);
  const place = { path: file.split(path.sep).join('/'), line: start.line + 1, column: start.column + 1, endLine: end.line + 1, endColumn: end.column + 1 };
  return `${JSON.stringify({ ...place, ...fields, ...answer })}\n`;
}

function report({ files, texts, findings, exits, byMarkers, skipped, faults }: Tally, { silentLabel, texts: kind }: Task, milliseconds: number): void {
  if (files === 0 && faults === 0) {
    note(kind === 'comments' ? 'No source files found.' : 'No Markdown files found.');
  }
  if (files > 0) {
    const mean = texts === 0 ? '' : `, mean exit ${(exits / texts).toFixed(2)}`;
    const found = silentLabel === undefined ? '' : `${count(findings, 'finding')} in `;
    note(`${found}${count(texts, kind === 'comments' ? 'comment' : 'section')} of ${count(files, 'file')}${mean}, ${(milliseconds / 1000).toFixed(1)} s.`);
  }
  if (byMarkers.size > 0) {
    note(`Found by comment markers alone, since there is no grammar for it: ${[...byMarkers].sort().join(', ')}.`);
  }
  if (skipped.size > 0) {
    note(`Left out: ${[...skipped].sort().map(([why, number]) => `${count(number, 'file')} ${why}`).join(', ')}.`);
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
