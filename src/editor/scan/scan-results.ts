import * as vscode from 'vscode';
import type { FileFindings, Finding } from '../../core/findings/finding';
import { Slices } from '../../core/slices';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import type { Task } from '../../core/tasks/task';
import type { FindingFilter } from '../findings/finding-filter';
import type { SourceFile } from '../workspace-files';

/** What a taught task has found in a file. */
export interface TaughtFindings {
  /** Name of the task, and what people call it. */
  readonly task: string;
  readonly title: string;
  readonly silentLabel: string;
  /** In order of position. */
  readonly findings: readonly Finding[];
}

/** What a scan has made of a file. Of comments that are no finding it keeps but the number. */
export interface ScannedFile extends FileFindings, Pick<SourceFile, 'folder' | 'uri' | 'path'> {
  readonly languageId: string;
  /** The version that was scanned: size in bytes, and when it was changed, in milliseconds. */
  readonly size: number;
  readonly mtime: number;
  /** What its decisions depend on besides its text and the engine: those that were taken under others do not hold. */
  readonly circumstances: string;
  /** Which of the window's engines took them, in the order in which each might answer otherwise than the one before. */
  readonly generation: number;
  readonly comments: number;
  /** Sum of the exits at which they left. */
  readonly exits: number;
  /** Whether exit 0 alone has answered for some of them, for want of an encoder. */
  readonly byExitZeroAlone: boolean;
  /** Those of tasks that found something. */
  readonly taught: readonly TaughtFindings[];
}

/** The findings of a file that are shown: of debt, and of what was taught. */
export interface ShownFile extends FileFindings, Pick<SourceFile, 'folder' | 'uri' | 'path'>, Pick<ScannedFile, 'taught'> {}

/** A task as the list of findings shows it. */
export interface ShownTask extends Pick<Task, 'id' | 'labels' | 'silentLabel'> {
  readonly title: string;
}

/** What one task has found, by file. Of taught tasks of one name, which several folders may have, it is all of them. */
export interface TaskFindings {
  readonly task: ShownTask;
  readonly files: readonly ShownFile[];
}

/** The figures of a scan. */
export interface ScanTotals {
  readonly files: number;
  readonly comments: number;
  readonly meanExit: number;
  /** Those that are shown. */
  readonly findings: number;
  /** Files for whose comments exit 0 alone has answered. */
  readonly byExitZeroAlone: number;
}

/** The scanned files of the workspace, and which of their findings are shown. */
export class ScanResults implements vscode.Disposable {
  private readonly files = new Map<string, ScannedFile>();
  private readonly shown = new Map<string, ShownFile>();
  private readonly changed = new vscode.EventEmitter<void>();
  private refiltering = 0;

  readonly onDidChange = this.changed.event;

  constructor(private readonly filter: Pick<FindingFilter, 'severityIn' | 'showsTaughtIn'>) {}

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
    } else {
      // A folder that is gone is told of alone; its name says nothing: three.js may be one.
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

  /** What is shown by task: debt, then what was taught, by name. Tasks that have found nothing are left out. */
  visibleByTask(): TaskFindings[] {
    const files = this.visible();
    const taught = new Map<string, { readonly task: ShownTask; readonly files: ShownFile[] }>();
    for (const file of files) {
      for (const { task: id, title, silentLabel, findings } of file.taught) {
        const found = taught.get(id) ?? { task: { id, title, labels: {}, silentLabel }, files: [] };
        taught.set(id, found);
        found.files.push({ ...file, findings });
      }
    }
    const debt = { task: { ...COMMENT_DEBT, title: vscode.l10n.t('Debt') }, files: files.filter(({ findings }) => findings.length > 0) };
    return [debt, ...[...taught.values()].sort((a, b) => (a.task.id < b.task.id ? -1 : 1))].filter((found) => found.files.length > 0);
  }

  totals(): ScanTotals {
    let comments = 0;
    let exits = 0;
    let byExitZeroAlone = 0;
    for (const file of this.files.values()) {
      comments += file.comments;
      exits += file.exits;
      byExitZeroAlone += Number(file.byExitZeroAlone);
    }
    let findings = 0;
    for (const file of this.shown.values()) {
      findings += file.findings.length + file.taught.reduce((sum, task) => sum + task.findings.length, 0);
    }
    return { files: this.files.size, comments, meanExit: comments === 0 ? 0 : exits / comments, findings, byExitZeroAlone };
  }

  dispose(): void {
    this.changed.dispose();
  }

  private forget(key: string): boolean {
    this.shown.delete(key);
    return this.files.delete(key);
  }

  private show({ folder, uri, path, languageId, findings, taught }: ScannedFile): void {
    const severityOf = this.filter.severityIn({ uri, languageId });
    const showsTaught = this.filter.showsTaughtIn({ uri, languageId });
    const debt = findings.filter((finding) => severityOf(finding) !== undefined);
    const others = taught.map((task) => ({ ...task, findings: task.findings.filter(showsTaught) })).filter((task) => task.findings.length > 0);
    if (debt.length + others.length > 0) {
      this.shown.set(uri.toString(), { folder, uri, path, findings: debt, taught: others });
    } else {
      this.shown.delete(uri.toString());
    }
  }
}
