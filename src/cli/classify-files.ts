import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pMapIterable } from 'p-map';
import type { Decision } from '../core/exits/decision';
import { languageOfFile } from '../core/sources/comments/languages';
import { LineIndex } from '../core/sources/line-index';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { Snippet } from '../core/sources/snippet';
import { describeDecision, isFinding } from '../core/tasks/describe';
import type { Task } from '../core/tasks/task';
import type { Engine } from '../engine/engine';
import { answerFields, note, print } from './output';
import type { InOrder } from './in-order';
import { readSource } from './read-source';
import { taskOfModel } from './task-of-model';
import type { ClassifyOptions } from './usage';
import { filesUnder } from './walk';

/** Comments that are classified together: enough for full batches of one length. */
const COMMENTS_AT_A_TIME = 512;

/** Characters of a comment in a line of text. */
const EXCERPT = 100;

/** A comment with its place. */
interface Comment {
  readonly file: string;
  readonly lines: LineIndex;
  readonly snippet: Snippet;
}

interface Answered {
  readonly comment: Comment;
  readonly decision: Decision;
}

/** What was done, for the closing line. */
class Tally {
  files = 0;
  comments = 0;
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
 * Classifies the comments of files and folders and prints them. A path that the user named and that cannot be classified is
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
  const { task, taught, policy } = options;
  const described = await taskOfModel(options, engine);
  const answered = async (comments: readonly Comment[]): Promise<readonly Answered[]> => {
    const decisions = await engine.classify({ task: taught ?? task.id, policy, priority: 'scan', texts: comments.map(({ snippet }) => snippet.text) });
    return comments.flatMap((comment, index) => (decisions[index] ? [{ comment, decision: decisions[index] }] : []));
  };
  const cut = pMapIterable(distinct(filesOf(paths, tally)), ({ file, named }) => commentsOf(file, named, engine, tally), inOrder);
  for await (const batch of pMapIterable(inBatches(cut), answered, inOrder)) {
    for (const { comment, decision } of batch) {
      tally.comments += 1;
      tally.exits += decision.exit;
      const finding = isFinding(task, decision);
      tally.findings += Number(finding);
      if (format === 'jsonl') {
        await print(jsonLine(comment, answerFields(described, decision)));
      } else if (finding || task.silentLabel === undefined) {
        await print(textLine(comment, describeDecision(task, decision)));
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

async function* inBatches(files: AsyncIterable<readonly Comment[]>): AsyncGenerator<readonly Comment[]> {
  let batch: Comment[] = [];
  for await (const comments of files) {
    for (const comment of comments) {
      batch.push(comment);
      if (batch.length === COMMENTS_AT_A_TIME) {
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
async function commentsOf(file: string, named: boolean, engine: Engine, tally: Tally): Promise<Comment[]> {
  const leaveOut = (why: string, counted: string): Comment[] => {
    if (named) {
      tally.fault(file, why);
    } else {
      tally.skipped.set(counted, (tally.skipped.get(counted) ?? 0) + 1);
    }
    return [];
  };
  const language = languageOfFile(file);
  if (!language) {
    const binary = named ? await readSource(file) : undefined;
    return leaveOut(binary && 'fault' in binary ? binary.fault : 'is in a language whose comments Glance does not know', 'of an unknown language');
  }
  const source = await readSource(file);
  if ('fault' in source) {
    return leaveOut(source.fault, source.counted);
  }
  let found: CommentsFound;
  try {
    found = await engine.findComments({ source: source.text, language: language.id });
  } catch (error) {
    tally.fault(file, `was not classified (${(error as Error).message})`);
    return [];
  }
  const { snippets, foundBy } = found;
  tally.files += 1;
  if (foundBy === 'markers') {
    tally.byMarkers.add(language.id);
  }
  const lines = new LineIndex(source.text);
  return snippets.map((snippet) => ({ file, lines, snippet }));
}

function textLine({ file, lines, snippet }: Comment, description: string): string {
  const { line, column } = lines.position(snippet.range.start);
  const start = snippet.text.length > EXCERPT ? `${snippet.text.slice(0, EXCERPT)}…` : snippet.text;
  // A comment of a stranger's file must not send commands to the terminal.
  const excerpt = start.replace(/\p{Cc}/gu, '\ufffd');
  return `${file}:${line + 1}:${column + 1}: ${description}: ${excerpt}\n`;
}

function jsonLine({ file, lines, snippet }: Comment, answer: Record<string, unknown>): string {
  const start = lines.position(snippet.range.start);
  const end = lines.position(snippet.range.end);
  const place = { path: file.split(path.sep).join('/'), line: start.line + 1, column: start.column + 1, endLine: end.line + 1, endColumn: end.column + 1 };
  return `${JSON.stringify({ ...place, text: snippet.text, ...answer })}\n`;
}

function report({ files, comments, findings, exits, byMarkers, skipped, faults }: Tally, { silentLabel }: Task, milliseconds: number): void {
  if (files === 0 && faults === 0) {
    note('No source files found.');
  }
  if (files > 0) {
    const mean = comments === 0 ? '' : `, mean exit ${(exits / comments).toFixed(2)}`;
    const found = silentLabel === undefined ? '' : `${count(findings, 'finding')} in `;
    note(`${found}${count(comments, 'comment')} of ${count(files, 'file')}${mean}, ${(milliseconds / 1000).toFixed(1)} s.`);
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
