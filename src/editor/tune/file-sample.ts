import * as vscode from 'vscode';
import { decodeSource } from '../../core/files/decode';
import { LineIndex } from '../../core/sources/line-index';
import type { Snippet } from '../../core/sources/snippet';
import { shuffled, spread } from '../../core/tuning/sample';
import { rangeIn } from '../ranges';
import { WorkspaceFiles, type WorkspaceFile } from '../workspace-files';
import type { Settings } from '../settings';
import type { OnFound, Sample, SampledText, Sampling } from './sample';

/** Files that may fail to be cut before it is not they that are at fault. */
const MOST_FAULTS = 10;

/** The part of a sample that one file may make up, so that a huge one does not stand for all. */
const PART_OF_A_FILE = 0.1;

/** A file or document as it was read. */
export interface Source {
  readonly uri: vscode.Uri;
  /** Identifier of its language. */
  readonly language: string;
  readonly text: string;
}

/** A text that was cut out of a file. */
interface Cut extends Snippet {
  /** As people know it. */
  readonly excerpt: string;
}

/** Texts that stand in files. */
export interface FileTexts {
  /** Texts of a sample, at most. */
  readonly most: number;
  /** Whether an open document may have some. */
  readonly isIn: (document: vscode.TextDocument) => boolean;
  /** Identifier of the language of a file that may have some, told by its path; nothing for any other. */
  readonly languageOf: (path: string) => string | undefined;
  /** The texts of a file or document. */
  readonly cut: (source: Source, signal: AbortSignal) => Promise<readonly Cut[]>;
}

/** Takes texts from open documents and from the files of the workspace that a scan would read, in an order of chance. */
export async function sampleFiles({ most, isIn, languageOf, cut }: FileTexts, { settings, log }: Sampling, signal: AbortSignal, onFound: OnFound): Promise<Sample> {
  const open = openDocuments().filter(isIn);
  const sources = shuffled<vscode.TextDocument | WorkspaceFile>([...open, ...(await closedFiles(settings, open, languageOf, signal))], Math.random);
  const texts = new Map<string, SampledText>();
  let [files, complete, faults] = [0, true, 0];
  const cutOrWarn = async (source: Source): Promise<readonly Cut[]> => {
    try {
      return await cut(source, signal);
    } catch (error) {
      faults += 1;
      complete = false;
      if (signal.aborted || faults > MOST_FAULTS) {
        throw error;
      }
      log.warn(`${source.uri.toString()}: ${(error as Error).message}`);
      return [];
    }
  };
  for (const source of sources) {
    signal.throwIfAborted();
    if (texts.size >= most) {
      complete = false;
      break;
    }
    const read = 'getText' in source ? { uri: source.uri, language: source.languageId, text: source.getText() } : await readFile(source, languageOf(source.path) ?? '', settings);
    const cuts = read ? await cutOrWarn(read) : [];
    complete &&= read !== undefined;
    if (!read || cuts.length === 0) {
      continue;
    }
    const chosen = spread(cuts, most * PART_OF_A_FILE);
    complete &&= chosen.length === cuts.length;
    const lines = new LineIndex(read.text);
    for (const one of chosen) {
      if (!texts.has(one.text)) {
        texts.set(one.text, sampledText(one, read.uri, lines));
      }
    }
    files += 1;
    onFound(Math.min(texts.size, most), most);
  }
  return {
    texts: [...texts.values()].slice(0, most),
    from: files === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', files.toLocaleString(vscode.env.language)),
    complete: complete && texts.size <= most,
  };
}

function sampledText({ text, excerpt, range }: Cut, uri: vscode.Uri, lines: LineIndex): SampledText {
  return {
    text,
    excerpt,
    place: `${vscode.workspace.asRelativePath(uri)}:${lines.position(range.start).line + 1}`,
    open: async () => {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { selection: rangeIn(document, range) });
    },
  };
}

/** The documents that have a tab: VS Code keeps others for a while after theirs was closed. */
function openDocuments(): vscode.TextDocument[] {
  const shown = new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).flatMap(({ input }) => (input instanceof vscode.TabInputText || input instanceof vscode.TabInputNotebook ? [input.uri.path] : [])));
  return vscode.workspace.textDocuments.filter(({ uri }) => shown.has(uri.path));
}

/** Files of the workspace that have no tab. */
async function closedFiles(settings: Settings, open: readonly vscode.TextDocument[], languageOf: FileTexts['languageOf'], signal: AbortSignal): Promise<WorkspaceFile[]> {
  const isOpen = new Set(open.map(({ uri }) => uri.toString()));
  const files = new WorkspaceFiles(settings);
  const found: WorkspaceFile[] = [];
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    for await (const file of files.matching(folder, (path) => languageOf(path) !== undefined)) {
      signal.throwIfAborted();
      if (!isOpen.has(file.uri.toString())) {
        found.push(file);
      }
    }
  }
  return found;
}

/** A file's text and language; nothing when it cannot be read, is too large or is binary. */
async function readFile({ uri }: WorkspaceFile, language: string, settings: Settings): Promise<Source | undefined> {
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > settings.maximumFileSize(uri)) {
      return undefined;
    }
    const text = decodeSource(await vscode.workspace.fs.readFile(uri));
    return text === undefined ? undefined : { uri, language, text };
  } catch {
    // It was deleted meanwhile, or may not be read: another one stands for it.
    return undefined;
  }
}
