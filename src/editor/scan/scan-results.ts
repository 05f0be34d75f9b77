import * as vscode from 'vscode';
import type { FileFindings } from '../../core/findings/finding';
import { languageOfFile } from '../../core/sources/comments/languages';
import type { FindingFilter } from '../comments/finding-filter';
import { Slices } from '../../core/slices';
import type { SourceFile } from './workspace-files';

/** What a scan has made of a file. Of comments that are no finding it keeps but the number. */
export interface ScannedFile extends FileFindings, Pick<SourceFile, 'folder' | 'uri' | 'path'> {
  readonly languageId: string;
  /** The version that was scanned: size in bytes, and when it was changed, in milliseconds. */
  readonly size: number;
  readonly mtime: number;
  /** What its decisions depend on besides its text: those that were taken under others do not hold. */
  readonly circumstances: string;
  readonly comments: number;
  /** Sum of the exits at which they left. */
  readonly exits: number;
}

/** The findings of a file that are shown. */
export interface ShownFile extends FileFindings, Pick<SourceFile, 'folder' | 'uri' | 'path'> {}

/** The figures of a scan. */
export interface ScanTotals {
  readonly files: number;
  readonly comments: number;
  readonly meanExit: number;
  /** Those that are shown. */
  readonly findings: number;
}

/** The scanned files of the workspace, and which of their findings are shown. */
export class ScanResults implements vscode.Disposable {
  private readonly files = new Map<string, ScannedFile>();
  private readonly shown = new Map<string, ShownFile>();
  private readonly changed = new vscode.EventEmitter<void>();
  private refiltering = 0;

  readonly onDidChange = this.changed.event;

  constructor(private readonly filter: Pick<FindingFilter, 'severityIn'>) {}

  get(uri: vscode.Uri): ScannedFile | undefined {
    return this.files.get(uri.toString());
  }

  set(file: ScannedFile): void {
    this.files.set(file.uri.toString(), file);
    this.show(file);
    this.changed.fire();
  }

  delete(uri: vscode.Uri): void {
    if (this.forget(uri.toString())) {
      this.changed.fire();
    }
  }

  /** Forgets what is at or below a place, but for some files. */
  async deleteUnder(uri: vscode.Uri, kept: ReadonlySet<string>): Promise<void> {
    const key = uri.toString();
    if (this.files.has(key)) {
      if (!kept.has(key)) {
        this.delete(uri);
      }
    } else if (!languageOfFile(uri.path)) {
      await this.keep((file) => kept.has(file) || !file.startsWith(`${key}/`));
    }
  }

  /** Forgets the files that are not wanted any more. */
  async keep(isWanted: (uri: string) => boolean): Promise<void> {
    const slices = new Slices();
    for (const key of [...this.files.keys()]) {
      if (!isWanted(key) && this.forget(key)) {
        this.changed.fire();
      }
      await slices.next();
    }
  }

  /** Decides anew which findings are shown. */
  async refilter(): Promise<void> {
    this.refiltering += 1;
    const own = this.refiltering;
    const slices = new Slices();
    for (const [key, file] of [...this.files]) {
      if (own !== this.refiltering) {
        // What has changed since is being looked at by a later call.
        return;
      }
      if (this.files.get(key) === file) {
        this.show(file);
      }
      await slices.next();
    }
    this.changed.fire();
  }

  /** Every file that was scanned, in no order. */
  all(): Iterable<ScannedFile> {
    return this.files.values();
  }

  /** The files with findings that are shown, by folder of the workspace and path. */
  visible(): ShownFile[] {
    return [...this.shown.values()].sort((a, b) => a.folder.index - b.folder.index || (a.path < b.path ? -1 : 1));
  }

  totals(): ScanTotals {
    let comments = 0;
    let exits = 0;
    for (const file of this.files.values()) {
      comments += file.comments;
      exits += file.exits;
    }
    let findings = 0;
    for (const file of this.shown.values()) {
      findings += file.findings.length;
    }
    return { files: this.files.size, comments, meanExit: comments === 0 ? 0 : exits / comments, findings };
  }

  dispose(): void {
    this.changed.dispose();
  }

  private forget(key: string): boolean {
    this.shown.delete(key);
    return this.files.delete(key);
  }

  private show({ folder, uri, path, languageId, findings }: ScannedFile): void {
    const severityOf = this.filter.severityIn({ uri, languageId });
    const shown = findings.filter((finding) => severityOf(finding) !== undefined);
    if (shown.length > 0) {
      this.shown.set(uri.toString(), { folder, uri, path, findings: shown });
    } else {
      this.shown.delete(uri.toString());
    }
  }
}
