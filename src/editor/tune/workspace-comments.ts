import * as vscode from 'vscode';
import { decodeSource } from '../../core/files/decode';
import { languageById } from '../../core/sources/comments/languages';
import { LineIndex } from '../../core/sources/line-index';
import type { OffsetRange, Snippet } from '../../core/sources/snippet';
import { shuffled, spread } from '../../core/tuning/sample';
import { WorkspaceFiles, type SourceFile } from '../scan/workspace-files';
import type { Settings } from '../settings';
import type { Parts } from '../surface';
import { isWritten } from '../written-documents';

/** Comments of a sample: enough to tell a share of a few percent, and classified within seconds. */
const MOST_COMMENTS = 2000;

/** Comments of one file, so that a huge one does not stand for all. */
const MOST_OF_A_FILE = 200;

/** Files that the engine may fail on before it is the engine that is at fault. */
const MOST_FAULTS = 10;

/** What takes a sample. */
export type Sampling = Pick<Parts, 'engine' | 'settings' | 'log'>;

/** A file or document as it was read. */
interface Source {
  readonly uri: vscode.Uri;
  /** Identifier of one of the languages whose comments can be found. */
  readonly language: string;
  readonly text: string;
}

/** A comment of the sample. */
export interface SampledComment {
  /** As the model reads it. */
  readonly text: string;
  readonly uri: vscode.Uri;
  readonly range: OffsetRange;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/** Comments of the workspace, no text twice. */
export interface Sample {
  readonly comments: readonly SampledComment[];
  /** Files that were read. */
  readonly files: number;
  /** Whether these are all the comments that there are. */
  readonly complete: boolean;
}

/**
 * Takes comments from open documents and from the files that a scan of the workspace reads, in an order of chance, except where comments
 * are never classified unasked. A text that comes again is taken once: the cache answers it.
 * @param onProgress hears how many comments there are, of how many at most.
 */
export async function sampleComments({ engine, settings, log }: Sampling, signal: AbortSignal, onProgress: (found: number, most: number) => void): Promise<Sample> {
  const open = openDocuments();
  const sources = shuffled<vscode.TextDocument | SourceFile>([...open, ...(await closedFiles(settings, open, signal))], Math.random);
  const comments = new Map<string, SampledComment>();
  let [files, complete, faults] = [0, true, 0];
  const find = async ({ text: source, language, uri }: Source): Promise<readonly Snippet[]> => {
    try {
      return (await engine.findComments({ source, language }, signal)).snippets;
    } catch (error) {
      faults += 1;
      if (signal.aborted || faults > MOST_FAULTS) {
        throw error;
      }
      log.warn(`${uri.toString()}: ${(error as Error).message}`);
      return [];
    }
  };
  for (const source of sources) {
    signal.throwIfAborted();
    if (comments.size >= MOST_COMMENTS) {
      complete = false;
      break;
    }
    const read = 'getText' in source ? { uri: source.uri, language: source.languageId, text: source.getText() } : await readFile(source, settings);
    if (!read || settings.run({ uri: read.uri, languageId: read.language }) === 'never') {
      continue;
    }
    const snippets = await find(read);
    const chosen = spread(snippets, MOST_OF_A_FILE);
    complete &&= chosen.length === snippets.length;
    const lines = new LineIndex(read.text);
    for (const { text, range } of chosen) {
      if (!comments.has(text)) {
        comments.set(text, { text, uri: read.uri, range, line: lines.position(range.start).line + 1 });
      }
    }
    files += 1;
    onProgress(Math.min(comments.size, MOST_COMMENTS), MOST_COMMENTS);
  }
  return { comments: [...comments.values()].slice(0, MOST_COMMENTS), files, complete: complete && comments.size <= MOST_COMMENTS };
}

/** The documents that have a tab: VS Code keeps others for a while after theirs was closed. */
function openDocuments(): vscode.TextDocument[] {
  const shown = new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).flatMap(({ input }) => (input instanceof vscode.TabInputText || input instanceof vscode.TabInputNotebook ? [input.uri.path] : [])));
  return vscode.workspace.textDocuments.filter((document) => isWritten(document) && shown.has(document.uri.path) && languageById(document.languageId));
}

/** Files of the workspace that have no tab. */
async function closedFiles(settings: Settings, open: readonly vscode.TextDocument[], signal: AbortSignal): Promise<SourceFile[]> {
  const isOpen = new Set(open.map(({ uri }) => uri.toString()));
  const files = new WorkspaceFiles(settings);
  const found: SourceFile[] = [];
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    for await (const file of files.of(folder)) {
      signal.throwIfAborted();
      if (!isOpen.has(file.uri.toString())) {
        found.push(file);
      }
    }
  }
  return found;
}

/** A file's text and language; nothing when it cannot be read, is too large or is binary. */
async function readFile({ uri, language }: SourceFile, settings: Settings): Promise<Source | undefined> {
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > settings.maximumFileSize(uri)) {
      return undefined;
    }
    const text = decodeSource(await vscode.workspace.fs.readFile(uri));
    return text === undefined ? undefined : { uri, language: language.id, text };
  } catch {
    // It was deleted meanwhile, or may not be read: another one stands for it.
    return undefined;
  }
}
