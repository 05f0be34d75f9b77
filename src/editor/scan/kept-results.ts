import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import pMap from 'p-map';
import * as vscode from 'vscode';
import { Slices } from '../../core/slices';
import { version } from '../../../package.json';
import type { Settings } from '../settings';
import { writeAtomically } from '../atomic-write';
import type { ScanResults, ScannedFile } from './scan-results';

/** Findings that are kept: a file of some 25 MB. Of a workspace with more, nothing is. */
const MOST_FINDINGS = 50_000;

/** Files that are looked at the same time. */
const FILES_AT_A_TIME = 8;

/** What a scan of an earlier window has found, in files that have not changed since. */
export interface EarlierScan {
  readonly at: Date;
  readonly files: readonly KeptFile[];
}

/** What is kept of a file. Engines are numbered anew in each window. */
type KeptFile = Omit<ScannedFile, 'generation'>;

/** The format of the file: raise it when that changes. */
const FORMAT = 3;

/** First line of the file. */
interface Header {
  /** What answers depend on, besides settings: other packages may answer otherwise. */
  readonly answeredBy: string;
  /** In milliseconds. */
  readonly at: number;
}

/** Each of the other lines. */
type Line = Omit<KeptFile, 'folder' | 'uri'> & { readonly uri: string };

/** Keeps the results of the last scan in the workspace's storage, so that they come back with the window: a line of JSON a file. */
export class KeptResults {
  private readonly file: vscode.Uri | undefined;
  /** By whom the running engine's answers are. */
  private running: Promise<string> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly settings: Settings,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.file = context.storageUri && vscode.Uri.joinPath(context.storageUri, 'scan.jsonl');
  }

  /** Takes note of the model package as it is now that an engine has started: on disk it may be replaced while that one runs. */
  engineStarted(): void {
    this.running = this.answeredBy();
  }

  /** Keeps what a scan has found, in the place of what was kept before. What cannot be written is logged: a scan is soon done again. */
  async save(results: ScanResults): Promise<void> {
    if (!this.file) {
      return;
    }
    try {
      const text = await this.textOf([...results.all()]);
      if (text) {
        await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(this.file, '..'));
        await writeAtomically(this.file, text);
      } else {
        await vscode.workspace.fs.delete(this.file).then(undefined, () => undefined);
      }
    } catch (error) {
      this.log.warn(`The results of the scan are not kept: ${(error as Error).message}`);
    }
  }

  /** What was kept; nothing where there is nothing, or it was answered by others. */
  async load(): Promise<EarlierScan | undefined> {
    const bytes = this.file && (await vscode.workspace.fs.readFile(this.file).then(undefined, () => undefined));
    if (!bytes) {
      return undefined;
    }
    try {
      const [first = '', ...lines] = new TextDecoder().decode(bytes).trimEnd().split('\n');
      const { answeredBy, at } = JSON.parse(first) as Header;
      return answeredBy === (await this.answeredBy()) ? { at: new Date(at), files: await unchanged(lines) } : undefined;
    } catch (error) {
      this.log.warn(`The results of an earlier scan cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  private async textOf(files: readonly ScannedFile[]): Promise<Uint8Array | undefined> {
    if (files.reduce((sum, { findings }) => sum + findings.length, 0) > MOST_FINDINGS) {
      return undefined;
    }
    const header: Header = { answeredBy: await (this.running ?? this.answeredBy()), at: Date.now() };
    const lines = [utf8ToBytes(`${JSON.stringify(header)}\n`)];
    const slices = new Slices();
    for (const file of files) {
      // The folder is that of the file: what is undefined, JSON leaves out.
      const line: Line & { folder: undefined; generation: undefined } = { ...file, folder: undefined, generation: undefined, uri: file.uri.toString() };
      lines.push(utf8ToBytes(`${JSON.stringify(line)}\n`));
      await slices.next();
    }
    return concatBytes(...lines);
  }

  private async answeredBy(): Promise<string> {
    const { modelPath, executionProvider } = this.settings;
    const folders = [vscode.Uri.joinPath(this.context.extensionUri, 'models', 'glance-minilm'), ...(modelPath === undefined ? [] : [vscode.Uri.file(modelPath)])];
    const manifests = await Promise.all(folders.map((folder) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, 'model.json')).then(undefined, () => new Uint8Array())));
    return bytesToHex(sha256(concatBytes(utf8ToBytes(JSON.stringify([FORMAT, version, modelPath, executionProvider])), ...manifests)));
  }
}

/** The files of the workspace that are as they were. */
async function unchanged(lines: readonly string[]): Promise<KeptFile[]> {
  const slices = new Slices();
  const files = await pMap(
    lines,
    async (line): Promise<KeptFile | undefined> => {
      await slices.next();
      const { uri: place, ...kept } = JSON.parse(line) as Line;
      const uri = vscode.Uri.parse(place, true);
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      const stat = folder && (await vscode.workspace.fs.stat(uri).then(undefined, () => undefined));
      return folder && stat?.size === kept.size && stat.mtime === kept.mtime ? { ...kept, folder, uri } : undefined;
    },
    { concurrency: FILES_AT_A_TIME },
  );
  return files.filter((file) => file !== undefined);
}
