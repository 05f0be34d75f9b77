import ignore, { type Ignore } from 'ignore';
import * as vscode from 'vscode';
import { languageById, languageOfFile } from '../../core/sources/comments/languages';
import { LineIndex } from '../../core/sources/line-index';
import type { OffsetRange, Snippet } from '../../core/sources/snippet';
import { shuffled, spread } from '../../core/tuning/sample';
import type { Parts } from '../surface';

/** Comments of a sample: enough to tell a share of a few percent, and classified within seconds. */
const MOST_COMMENTS = 2000;

/** Comments of one file, so that a huge one does not stand for all. */
const MOST_OF_A_FILE = 200;

/** Files that are asked for: more are not needed for a sample, and listing them takes memory. */
const MOST_FILES = 20_000;

/** Bytes of the largest file that is read. */
const LARGEST_FILE = 1_000_000;

/** Files that the engine may fail on before it is the engine that is at fault. */
const MOST_FAULTS = 10;

const DECODER = new TextDecoder();

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
 * Takes comments from open documents and from files of the workspace in an order of chance, as far as `files.exclude`, `search.exclude`, the
 * `.gitignore` of each folder and `glance.enable` let it. A text that comes again is taken once: the cache answers it.
 * @param onProgress hears how many comments there are, of how many at most.
 */
export async function sampleComments({ engine, settings, log }: Sampling, signal: AbortSignal, onProgress: (found: number, most: number) => void): Promise<Sample> {
  const open = openDocuments();
  const isOpen = new Set(open.map(({ uri }) => uri.toString()));
  const listed = (await listFiles(signal)).filter((uri) => !isOpen.has(uri.toString()));
  const sources = shuffled<vscode.TextDocument | vscode.Uri>([...open, ...listed], Math.random);
  const comments = new Map<string, SampledComment>();
  let [files, complete, faults] = [0, listed.length < MOST_FILES, 0];
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
    const read = 'getText' in source ? { uri: source.uri, language: source.languageId, text: source.getText() } : await readFile(source);
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
  return { comments: [...comments.values()].slice(0, MOST_COMMENTS), files, complete };
}

/** Where documents come from that people write. */
const WRITTEN: ReadonlySet<string> = new Set(['file', 'untitled', 'vscode-vfs', 'vscode-remote', 'vscode-notebook-cell']);

/** The documents that have a tab: VS Code keeps others for a while after theirs was closed. */
function openDocuments(): vscode.TextDocument[] {
  const shown = new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).flatMap(({ input }) => (input instanceof vscode.TabInputText || input instanceof vscode.TabInputNotebook ? [input.uri.path] : [])));
  return vscode.workspace.textDocuments.filter(({ languageId, uri }) => WRITTEN.has(uri.scheme) && shown.has(uri.path) && languageById(languageId));
}

async function listFiles(signal: AbortSignal): Promise<vscode.Uri[]> {
  const cancellation = new vscode.CancellationTokenSource();
  const cancel = (): void => cancellation.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const found = await vscode.workspace.findFiles('**/*', excluded(), MOST_FILES, cancellation.token);
    const rules = new Map(await Promise.all((vscode.workspace.workspaceFolders ?? []).map(async (folder) => [folder.uri.toString(), await ignoredIn(folder)] as const)));
    return found.filter((uri) => {
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      return languageOfFile(uri.path) !== undefined && !(folder && rules.get(folder.uri.toString())?.ignores(uri.path.slice(folder.uri.path.length).replace(/^\/+/u, '')));
    });
  } finally {
    signal.removeEventListener('abort', cancel);
    cancellation.dispose();
  }
}

/** What the user wants neither listed nor searched, as one pattern. Exclusions that depend on other files are left out. */
function excluded(): string | null {
  const patterns = ['files', 'search'].flatMap((section) =>
    Object.entries(vscode.workspace.getConfiguration(section).get<Record<string, unknown>>('exclude', {})).flatMap(([pattern, on]) => (on === true ? [pattern] : [])),
  );
  return patterns.length > 0 ? `{${patterns.join(',')}}` : null;
}

async function ignoredIn({ uri }: vscode.WorkspaceFolder): Promise<Ignore> {
  const rules = ignore();
  try {
    rules.add(DECODER.decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(uri, '.gitignore'))));
  } catch {
    // There is none.
  }
  return rules;
}

/** A file's text and language; nothing when it cannot be read, is too large or is binary. */
async function readFile(uri: vscode.Uri): Promise<Source | undefined> {
  const language = languageOfFile(uri.path);
  try {
    if (!language || (await vscode.workspace.fs.stat(uri)).size > LARGEST_FILE) {
      return undefined;
    }
    const text = DECODER.decode(await vscode.workspace.fs.readFile(uri));
    return text.includes('\0') ? undefined : { uri, language: language.id, text };
  } catch {
    // It was deleted meanwhile, or may not be read: another one stands for it.
    return undefined;
  }
}
