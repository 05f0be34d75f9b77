import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import * as vscode from 'vscode';
import { isByExitZeroAlone, NO_ENCODER } from '../../core/exit-zero-alone';
import { decodeSource } from '../../core/files/decode';
import { findingOf } from '../../core/findings/find';
import type { Finding } from '../../core/findings/finding';
import { Fingerprints } from '../../core/findings/fingerprint';
import { Slices } from '../../core/slices';
import type { CommentsFound } from '../../core/sources/comments/comments';
import { LineIndex } from '../../core/sources/line-index';
import { isFinding } from '../../core/tasks/describe';
import type { TaughtTask } from '../../core/teach/taught-task';
import type { Engine } from '../../engine/engine';
import type { Settings } from '../settings';
import { chosen, DEBT } from '../teach/task-choice';
import type { TaughtFiles } from '../teach/taught-files';
import type { EarlierScan } from './kept-results';
import type { ScanResults, ScannedFile } from './scan-results';
import type { SourceFile, WorkspaceFiles } from '../workspace-files';

/** Files that are read and classified at the same time: enough for the engine to find comments of one length, little enough to keep in memory. */
const FILES_AT_A_TIME = 8;

/** Comments in one request: their answers are read in few milliseconds. */
const COMMENTS_AT_A_TIME = 200;

/** What a scan is doing, or has come to. */
export type ScanState =
  | { readonly kind: 'none' }
  /** A window was closed, or died, in the middle of a scan. */
  | { readonly kind: 'interrupted' }
  /** There are results of an earlier window's scan, of files that have not changed since. */
  | { readonly kind: 'kept'; readonly at: Date }
  | { readonly kind: 'looking'; readonly files: number }
  | { readonly kind: 'scanning'; readonly files: number; readonly done: number }
  | { readonly kind: 'stopped'; readonly files: number; readonly done: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'done'; readonly skipped: Skipped };

/** Files that were left out of a scan. */
export interface Skipped {
  readonly binary: number;
  readonly tooLong: number;
  /** They could not be read, or their comments not be found. */
  readonly unreadable: number;
}

/** Tasks that were taught in a folder, and what tells them from those before. */
interface TaughtHere {
  readonly tasks: readonly TaughtTask[];
  readonly fingerprint: string;
}

/** The generation of the window's first engine, and of what an earlier window has kept: it comes back only where this one's would answer the same. */
const FIRST_ENGINE = 0;

/** Where the workspace remembers that a scan is under way. */
const UNDER_WAY = 'glance.scanUnderWay';

/**
 * Scans the source files of the workspace, one scan at a time. A file that has not changed since it was scanned is not read again, so that a scan
 * which was stopped goes on where it was.
 */
export class Scanner implements vscode.Disposable {
  private current: ScanState;
  private running: { readonly abort: AbortController; readonly ended: Promise<ScanState> } | undefined;
  private readonly changed = new vscode.EventEmitter<ScanState>();
  /** Counts how often what the engine answered before has become doubtful. */
  private generation = FIRST_ENGINE;
  private outdated = false;
  private disposed = false;
  /** What the files of each folder are classified for besides debt, as far as the scan or the refresh under way has come. */
  private readonly taughtIn = new Map<string, Promise<TaughtHere>>();
  /** Refreshes, one after the other. */
  private refreshes: Promise<void> = Promise.resolve();

  /** Fires when the state of the scan changes; while it goes on, with each file. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: Engine,
    private readonly files: WorkspaceFiles,
    private readonly results: ScanResults,
    private readonly taught: Pick<TaughtFiles, 'reported'>,
    private readonly settings: Settings,
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.current = memory.get(UNDER_WAY) === true ? { kind: 'interrupted' } : { kind: 'none' };
  }

  get state(): ScanState {
    return this.current;
  }

  /** Whether answers were given under other settings, or by another engine, than they would be now. */
  get isOutdated(): boolean {
    return this.outdated;
  }

  /** Scans what has not been scanned, or joins the scan that is under way. @returns the state that it has come to. */
  scan(): Promise<ScanState> {
    if (!this.running) {
      const abort = new AbortController();
      const ended = this.run(abort).finally(() => (this.running = undefined));
      this.running = { abort, ended };
    }
    return this.running.ended;
  }

  /** Stops the scan that is under way. @returns whether there was one. */
  async stop(): Promise<boolean> {
    const { running } = this;
    running?.abort.abort();
    return (await running?.ended) !== undefined;
  }

  /** Takes over what an earlier window's scan has found, unless this window's has begun. */
  async resume({ at, files }: EarlierScan): Promise<void> {
    const slices = new Slices();
    for (const file of files) {
      if (this.current.kind !== 'none') {
        return;
      }
      this.results.set({ ...file, generation: FIRST_ENGINE });
      await slices.next();
    }
    if (this.current.kind === 'none') {
      this.outdated = this.generation !== FIRST_ENGINE;
      this.set({ kind: 'kept', at });
    }
  }

  /**
   * Goes through the workspace again, after the scan that is under way, where one was finished: one that was stopped is not taken up unasked. Else it goes
   * through the files that are known, and those that have changed.
   */
  async scanAgain(changed: readonly vscode.Uri[]): Promise<void> {
    await this.running?.ended;
    if (this.current.kind === 'done') {
      await this.scan();
    } else {
      await this.refresh([...[...this.results.all()].map(({ uri }) => uri), ...changed]);
    }
  }

  /** Takes note that answers may be others now. @param engine whether it is the engine that is another, as against settings. */
  outdate(engine: boolean): void {
    this.generation += Number(engine);
    this.outdated = this.current.kind !== 'none' && this.current.kind !== 'interrupted';
    this.set(this.current);
  }

  /** Scans files and folders that were created or changed, and forgets those that are gone. */
  refresh(uris: readonly vscode.Uri[]): Promise<void> {
    this.refreshes = this.refreshes.then(async () => {
      await this.running?.ended;
      this.taughtIn.clear();
      for (const uri of uris) {
        const found = new Set<string>();
        for await (const file of this.files.at(uri)) {
          found.add(file.uri.toString());
          await this.scanFile(file, undefined, { binary: 0, tooLong: 0, unreadable: 0 });
        }
        await this.results.deleteUnder(uri, found);
      }
    }).catch((error: unknown) => {
      this.log.error(`Files that have changed were not scanned: ${(error as Error).message}`);
      this.outdate(false);
    });
    return this.refreshes;
  }

  /** Has an encoder answer where exit 0 alone has, if there is one again. */
  async refreshExitZeroAlone(): Promise<void> {
    const uris = await this.outdateExitZeroAlone();
    if (uris.length > 0) {
      await this.refresh(uris);
      // What is kept for the next window follows.
      this.set(this.current);
    }
  }

  dispose(): void {
    this.disposed = true;
    this.running?.abort.abort();
    this.changed.dispose();
  }

  private async run(abort: AbortController): Promise<ScanState> {
    const { signal } = abort;
    // Each file under way listens to it, and so does each of its requests.
    setMaxListeners(4 * FILES_AT_A_TIME, signal);
    const skipped = { binary: 0, tooLong: 0, unreadable: 0 };
    const found: SourceFile[] = [];
    let done = 0;
    try {
      await this.memory.update(UNDER_WAY, true);
      this.outdated = false;
      this.taughtIn.clear();
      this.set({ kind: 'looking', files: 0 });
      await this.outdateExitZeroAlone(signal);
      const slices = new Slices();
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        for await (const file of this.files.of(folder)) {
          signal.throwIfAborted();
          found.push(file);
          this.set({ kind: 'looking', files: found.length });
          await slices.next();
        }
      }
      const wanted = new Set(found.map(({ uri }) => uri.toString()));
      await this.results.keep((uri) => wanted.has(uri));
      const scanned = async (file: SourceFile): Promise<void> => {
        await this.scanFile(file, signal, skipped);
        signal.throwIfAborted();
        done += 1;
        this.set({ kind: 'scanning', files: found.length, done });
        await slices.next();
      };
      await pMap(found, scanned, { concurrency: FILES_AT_A_TIME, signal });
      return this.end({ kind: 'done', skipped });
    } catch (error) {
      const stopped = signal.aborted;
      // Where one file has failed, others are still under way.
      abort.abort();
      return this.end(stopped ? { kind: 'stopped', files: found.length, done } : { kind: 'failed', reason: (error as Error).message });
    }
  }

  private end(state: ScanState): ScanState {
    // What the window's end has stopped, the next window offers to go on with.
    if (!this.disposed) {
      void this.memory.update(UNDER_WAY, undefined);
    }
    this.set(state);
    if (state.kind === 'failed') {
      this.log.error(`The workspace was not scanned: ${state.reason}`);
    }
    return state;
  }

  /** @throws when the engine cannot be used; what is wrong with the file alone is counted. */
  private async scanFile(file: SourceFile, signal: AbortSignal | undefined, skipped: { -readonly [kind in keyof Skipped]: number }): Promise<void> {
    const { uri, language } = file;
    const taught = await this.taughtHere(file);
    const { generation } = this;
    const circumstances = this.circumstances(file, taught);
    const stat = await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
    const leaveOut = (kind: keyof Skipped): void => {
      skipped[kind] += 1;
      this.results.delete(uri);
    };
    if (stat && stat.size > this.settings.maximumFileSize(uri)) {
      return leaveOut('tooLong');
    }
    const known = this.results.get(uri);
    if (stat && known?.size === stat.size && known.mtime === stat.mtime && known.generation === generation && known.circumstances === circumstances) {
      return;
    }
    const bytes = stat && (await vscode.workspace.fs.readFile(uri).then(undefined, () => undefined));
    if (!stat || !bytes) {
      return leaveOut('unreadable');
    }
    const source = decodeSource(bytes);
    if (source === undefined) {
      return leaveOut('binary');
    }
    const comments = await this.findComments(source, language.id, signal);
    if (comments === undefined) {
      return leaveOut('unreadable');
    }
    const { size, mtime } = stat;
    this.results.set({ ...file, languageId: language.id, size, mtime, circumstances, generation, ...(await this.classify(file, source, comments, taught, signal)) });
  }

  /** @returns nothing when the comments of this source cannot be found. @throws when the engine cannot be used at all. */
  private async findComments(source: string, language: string, signal: AbortSignal | undefined): Promise<CommentsFound | undefined> {
    try {
      return await this.engine.findComments({ source, language }, signal);
    } catch (error) {
      signal?.throwIfAborted();
      this.log.warn(`Comments were not found: ${(error as Error).message}`);
      await this.engine.describe(signal);
      return undefined;
    }
  }

  private async classify(
    { path, uri, language }: SourceFile,
    source: string,
    { snippets }: CommentsFound,
    { tasks }: TaughtHere,
    signal: AbortSignal | undefined,
  ): Promise<Pick<ScannedFile, 'comments' | 'exits' | 'findings' | 'byExitZeroAlone' | 'taught'>> {
    const policy = this.settings.policy({ uri, languageId: language.id });
    const searches = [DEBT, ...tasks.map(chosen)].map((search) => ({ ...search, fingerprints: new Fingerprints(path), findings: new Array<Finding>() }));
    let lines: LineIndex | undefined;
    let exits = 0;
    let byExitZeroAlone = false;
    for (let start = 0; start < snippets.length; start += COMMENTS_AT_A_TIME) {
      const some = snippets.slice(start, start + COMMENTS_AT_A_TIME);
      const texts = some.map(({ text }) => text);
      for (const { task, asked, fingerprints, findings } of searches) {
        const decisions = await this.engine.classify({ task: asked, texts, policy, priority: 'scan' }, signal);
        for (const [index, decision] of decisions.entries()) {
          exits += task === DEBT.task ? decision.exit : 0;
          byExitZeroAlone ||= isByExitZeroAlone(decision);
          const snippet = some[index];
          if (snippet && isFinding(task, decision)) {
            lines ??= new LineIndex(source);
            findings.push(findingOf(snippet, decision, lines, fingerprints));
          }
        }
      }
    }
    const [debt, ...others] = searches.map(({ findings }) => findings);
    const taught = tasks.map(({ name, title, silent }, index) => ({ task: name, title, silentLabel: silent ?? '', findings: others[index] ?? [] })).filter(({ findings }) => findings.length > 0);
    return { comments: snippets.length, exits, findings: debt ?? [], byExitZeroAlone, taught };
  }

  /**
   * Takes note that answers of exit 0 alone do not hold any more, if there is an encoder again.
   * @returns the files that have such answers, if they do not hold.
   */
  private async outdateExitZeroAlone(signal?: AbortSignal): Promise<vscode.Uri[]> {
    const files = [...this.results.all()].filter(({ byExitZeroAlone }) => byExitZeroAlone);
    if (files.length === 0 || (await this.engine.describe(signal)).backend === NO_ENCODER.name) {
      return [];
    }
    files.forEach((file) => this.results.set({ ...file, circumstances: '' }));
    return files.map(({ uri }) => uri);
  }

  private taughtHere({ folder }: SourceFile): Promise<TaughtHere> {
    const key = folder.uri.toString();
    const here = this.taughtIn.get(key) ?? this.readTaught(folder);
    this.taughtIn.set(key, here);
    return here;
  }

  private async readTaught(folder: vscode.WorkspaceFolder): Promise<TaughtHere> {
    const tasks = await this.taught.reported(folder);
    return { tasks, fingerprint: bytesToHex(sha256(utf8ToBytes(JSON.stringify(tasks)))) };
  }

  private circumstances({ uri, language }: SourceFile, { fingerprint }: TaughtHere): string {
    return JSON.stringify([this.settings.policy({ uri, languageId: language.id }), fingerprint]);
  }

  private set(state: ScanState): void {
    this.current = state;
    this.changed.fire(state);
  }
}
