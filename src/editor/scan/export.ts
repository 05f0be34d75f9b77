import * as vscode from 'vscode';
import { REPORT_FORMATS, type Report, type ReportFormat } from '../../core/findings/report';
import { Slices } from '../../core/slices';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { version } from '../../../package.json';
import { writeAtomically } from '../atomic-write';
import { isSameFolder } from '../workspace-files';
import type { ScanResults } from './scan-results';

/** Where and how to export, for those who need not be asked. */
export interface ExportTarget {
  readonly format: string;
  readonly uri: vscode.Uri;
}

/**
 * Writes the findings that are shown to a file that the user chooses.
 * @param isUnfinished whether a scan has not come to its end, when the file is written: that is said then.
 * @returns the file.
 */
export async function exportFindings(results: ScanResults, isUnfinished: () => boolean, given?: ExportTarget): Promise<vscode.Uri | undefined> {
  const format = given ? REPORT_FORMATS.find(({ id }) => id === given.format) : await askFormat();
  const uri = format && (given?.uri ?? (await askFile(format)));
  if (!uri) {
    return undefined;
  }
  const { files } = results.totals();
  const unfinished = isUnfinished();
  await writeAtomically(uri, await textOf(format, reportOf(results)));
  if (unfinished) {
    void vscode.window.showWarningMessage(vscode.l10n.t('The scan has not come to its end: {0} holds the findings of the {1} files that were scanned.', vscode.workspace.asRelativePath(uri), files));
  } else if (!given) {
    void offerFile(uri);
  }
  return uri;
}

async function askFormat(): Promise<ReportFormat | undefined> {
  const items = REPORT_FORMATS.map((format) => ({ label: format.title, description: `.${format.ending}`, format }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Export Findings'), placeHolder: vscode.l10n.t('Format') });
  return picked?.format;
}

async function askFile({ title, ending }: ReportFormat): Promise<vscode.Uri | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return vscode.window.showSaveDialog({
    filters: { [title]: [ending] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder.uri, `glance-findings.${ending}`) }),
  });
}

function reportOf(results: ScanResults): Report {
  const files = results.visible();
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => ({ name: folder.name, files: files.filter((file) => isSameFolder(file.folder, folder)) }));
  return { task: COMMENT_DEBT, version, folders };
}

async function textOf(format: ReportFormat, report: Report): Promise<Uint8Array> {
  const slices = new Slices();
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  for (const piece of format.write(report)) {
    pieces.push(encoder.encode(piece));
    await slices.next();
  }
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

async function offerFile(uri: vscode.Uri): Promise<void> {
  const open = vscode.l10n.t('Open');
  if ((await vscode.window.showInformationMessage(vscode.l10n.t('Findings were exported to {0}.', vscode.workspace.asRelativePath(uri)), open)) === open) {
    await vscode.commands.executeCommand('vscode.open', uri);
  }
}
