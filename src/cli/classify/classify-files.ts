import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pMapIterable } from 'p-map';
import type { Decision } from '../../core/exits/decision';
import { shareInPercent } from '../../core/exits/promise';
import { excerptOf, printable, type FileFindings, type Finding } from '../../core/findings/finding';
import { findingOf } from '../../core/findings/find';
import { Fingerprints } from '../../core/findings/fingerprint';
import { REPORT_FORMATS } from '../../core/findings/report';
import { languageOfFile } from '../../core/sources/comments/languages';
import { LineIndex } from '../../core/sources/line-index';
import { isMarkdownFile, sectionsOf } from '../../core/sources/markdown/sections';
import type { Snippet } from '../../core/sources/snippet';
import { describeDecision, isFinding, isSureFinding } from '../../core/tasks/describe';
import type { Task } from '../../core/tasks/task';
import type { Engine } from '../../engine/engine';
import { version } from '../../../package.json';
import { checkBaseline, readBaseline, writeBaseline } from './baseline-file';
import { answerFields, note, print } from '../output';
import type { InOrder } from './in-order';
import { readSource } from './read-source';
import { taskOfModel } from './task-of-model';
import type { ClassifyOptions, FilesOutput } from './options';
import { filesInFolder } from './walk';

/** Texts that are classified together: enough for full batches of one length. */
const TEXTS_AT_A_TIME = 512;

/** Characters of a text in a line. */
const EXCERPT = 100;

/** A comment, or a section of documentation. */
interface Cut {
  readonly snippet: Snippet;
  /** As its reader sees it. */
  readonly fields: { readonly heading?: string; readonly text: string };
}

/** A text with its place. */
interface Placed extends Cut {
  readonly file: string;
  readonly lines: LineIndex;
  readonly fingerprints: Fingerprints;
}

interface Answered {
  readonly placed: Placed;
  readonly decision: Decision;
}

/** What was done, for the closing line. */
class Tally {
  files = 0;
  texts = 0;
  /** Comments that their authors do not want classified. */
  ignored = 0;
  findings = 0;
  /** Findings that the baseline has. */
  known = 0;
  /** Findings that the model is not sure enough of. */
  unsure = 0;
  exits = 0;
  /** Languages whose comments were found by their markers. */
  readonly byMarkers = new Set<string>();
  /** Files with bytes that could not be read as text. */
  garbled = 0;
  /** Why files in folders were left out, with how many. */
  readonly skipped = new Map<string, number>();
  /** Paths that the user named and that could not be classified. */
  faults = 0;

  fault(named: string, why: string): void {
    this.faults += 1;
    note(`glance: ${named} ${why}.`);
  }
}

/** Findings by file, for a report or a baseline. */
class Collected {
  private readonly byFile = new Map<string, Finding[]>();

  add(file: string, finding: Finding): void {
    const findings = this.byFile.get(file) ?? [];
    this.byFile.set(file, findings);
    findings.push(finding);
  }

  /** With paths relative to a folder. */
  files(base: string): FileFindings[] {
    return [...this.byFile].map(([file, findings]) => ({ path: relativePath(base, file), findings }));
  }
}

/**
 * Classifies the comments of files and folders, or the sections of Markdown files, and prints them. A path that the user named and that
 * cannot be classified is reported, and the others go on.
 * @param inOrder how much is done at the same time; results keep their order.
 * @throws {UsageError} when a baseline cannot be read or written.
 */
export async function classifyFiles(
  options: ClassifyOptions,
  paths: readonly string[],
  { format, baseline: baselineFile, newBaseline }: FilesOutput,
  engine: Engine,
  inOrder: InOrder,
): Promise<{ readonly findings: boolean; readonly faults: boolean }> {
  const started = performance.now();
  const tally = new Tally();
  const { task, taught, policy, minimumConfidence } = options;
  const baseline = baselineFile === undefined ? undefined : await readBaseline(baselineFile);
  if (newBaseline !== undefined) {
    await checkBaseline(newBaseline);
  }
  const base = path.resolve(path.dirname(baselineFile ?? newBaseline ?? 'findings'));
  const report = REPORT_FORMATS.find(({ id }) => id === format);
  const [reported, found] = [new Collected(), new Collected()];
  const described = await taskOfModel(options, engine);
  const answered = async (batch: readonly Placed[]): Promise<readonly Answered[]> => {
    const decisions = await engine.classify({ task: taught ?? task.id, policy, priority: 'scan', texts: batch.map(({ snippet }) => snippet.text) });
    return batch.flatMap((placed, index) => (decisions[index] ? [{ placed, decision: decisions[index] }] : []));
  };
  const cut = pMapIterable(distinct(filesOf(paths, tally)), ({ file, named }) => textsOf(file, named, task, base, engine, tally), inOrder);
  for await (const batch of pMapIterable(inBatches(cut), answered, inOrder)) {
    for (const { placed, decision } of batch) {
      tally.texts += 1;
      tally.exits += decision.exit;
      const finding = isFinding(task, decision) ? findingOf(placed.snippet, decision, placed.lines, placed.fingerprints) : undefined;
      if (finding && newBaseline !== undefined) {
        found.add(placed.file, finding);
      }
      if (finding && baseline?.has(finding.fingerprint)) {
        tally.known += 1;
        continue;
      }
      const counts = isSureFinding(task, decision, minimumConfidence);
      tally.findings += Number(counts);
      tally.unsure += Number(finding !== undefined && !counts);
      if (finding && counts && report) {
        reported.add(placed.file, finding);
      }
      if (format === 'jsonl') {
        await print(jsonLine(placed, answerFields(described, decision)));
      } else if (format === 'text' && (counts || task.silentLabel === undefined)) {
        await print(textLine(placed, describeDecision(task, decision)));
      }
    }
  }
  for (const piece of report?.write({ task, version, folders: [{ name: path.basename(base), files: reported.files(base) }] }) ?? []) {
    await print(piece);
  }
  if (newBaseline !== undefined) {
    await writeBaseline(newBaseline, found.files(base));
    note(`Wrote ${count(tally.findings + tally.unsure, 'finding')} to the baseline ${newBaseline}.`);
  }
  tellTally(tally, options, performance.now() - started);
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
      for await (const file of filesInFolder(named, (folder, { code }) => tally.fault(folder, `cannot be read (${code})`))) {
        yield { file, named: false };
      }
    } else {
      yield { file: named, named: true };
    }
  }
}

/** None when the file cannot be classified: a file that the user named is then reported, one in a folder is counted. */
async function textsOf(file: string, named: boolean, task: Task, base: string, engine: Engine, tally: Tally): Promise<Placed[]> {
  const leaveOut = (why: string, counted: string): Placed[] => {
    if (named) {
      tally.fault(file, why);
    } else {
      tally.skipped.set(counted, (tally.skipped.get(counted) ?? 0) + 1);
    }
    return [];
  };
  const ofComments = task.texts === 'comments';
  if (ofComments ? !languageOfFile(file) : !isMarkdownFile(file)) {
    const binary = named ? readSource(file) : undefined;
    const ofNoComments = isMarkdownFile(file) ? 'has sections instead of comments: --task doc-section classifies them' : 'is in a language whose comments Glance does not know';
    const [why, counted] = ofComments ? [ofNoComments, 'of an unknown language'] as const : ['is not Markdown', 'other than Markdown'] as const;
    return leaveOut(binary && 'fault' in binary ? binary.fault : why, counted);
  }
  const source = readSource(file);
  if ('fault' in source) {
    return leaveOut(source.fault, source.counted);
  }
  let cuts: Cut[];
  try {
    cuts = ofComments ? await commentsOf(file, source.text, engine, tally) : sectionsIn(source.text, task);
  } catch (error) {
    tally.fault(file, `was not classified (${(error as Error).message})`);
    return [];
  }
  tally.files += 1;
  tally.garbled += source.garbled ? 1 : 0;
  const lines = new LineIndex(source.text);
  const fingerprints = new Fingerprints(relativePath(base, file));
  return cuts.map((cut) => ({ ...cut, file, lines, fingerprints }));
}

async function commentsOf(file: string, source: string, engine: Engine, tally: Tally): Promise<Cut[]> {
  const language = languageOfFile(file)?.id ?? '';
  const { snippets, ignored, foundBy } = await engine.findComments({ source, language });
  tally.ignored += ignored;
  if (foundBy === 'markers') {
    tally.byMarkers.add(language);
  }
  return snippets.map((snippet) => ({ snippet, fields: { text: snippet.text } }));
}

function sectionsIn(source: string, task: Task): Cut[] {
  return sectionsOf(source).map((section) => ({ snippet: { text: task.prepare(section), range: section.range }, fields: { heading: section.heading, text: section.text.trim() } }));
}

/** With `/`, as baselines and reports have it on every system. */
function relativePath(base: string, file: string): string {
  return path.relative(base, path.resolve(file)).split(path.sep).join('/');
}

function textLine({ file, lines, snippet, fields }: Placed, description: string): string {
  const { line, column } = lines.position(snippet.range.start);
  const [first = ''] = (fields.heading || fields.text).split('\n', 1);
  return `${printable(file)}:${line + 1}:${column + 1}: ${description}: ${excerptOf(first, EXCERPT)}\n`;
}

function jsonLine({ file, lines, snippet, fields }: Placed, answer: Record<string, unknown>): string {
  const start = lines.position(snippet.range.start);
  const end = lines.position(snippet.range.end);
  const place = { path: file.split(path.sep).join('/'), line: start.line + 1, column: start.column + 1, endLine: end.line + 1, endColumn: end.column + 1 };
  return `${JSON.stringify({ ...place, ...fields, ...answer })}\n`;
}

function tellTally({ files, texts, ignored, findings, known, unsure, exits, byMarkers, garbled, skipped, faults }: Tally, { task: { silentLabel, texts: kind }, minimumConfidence }: ClassifyOptions, milliseconds: number): void {
  if (files === 0 && faults === 0) {
    note(`No ${kind === 'comments' ? 'source' : 'Markdown'} files found. What .gitignore names is left out, unless PATH is that file or folder itself.`);
  }
  if (files > 0) {
    const mean = texts === 0 ? '' : `, mean exit ${(exits / texts).toFixed(2)}`;
    const found = silentLabel === undefined ? '' : `${count(findings, 'finding')} in `;
    note(`${found}${count(texts, kind === 'comments' ? 'comment' : 'section')} of ${count(files, 'file')}${mean}, ${(milliseconds / 1000).toFixed(1)} s.`);
  }
  if (known > 0) {
    note(`Left out: ${count(known, 'finding')} that the baseline has.`);
  }
  if (unsure > 0) {
    note(`Not counted: ${count(unsure, 'finding')} of which the model is less than ${shareInPercent(minimumConfidence)} sure.`);
  }
  if (ignored > 0) {
    note(`Left out by glance-ignore: ${count(ignored, 'comment')}.`);
  }
  if (byMarkers.size > 0) {
    note(`Found by comment markers alone, since there is no grammar for it: ${[...byMarkers].sort().join(', ')}.`);
  }
  if (garbled > 0) {
    note(`Not UTF-8 throughout: ${count(garbled, 'file')}. What could not be read there was taken for \uFFFD.`);
  }
  if (skipped.size > 0) {
    note(`Left out: ${[...skipped].sort().map(([why, number]) => `${count(number, 'file')} ${why}`).join(', ')}.`);
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
