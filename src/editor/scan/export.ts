import * as vscode from 'vscode';
import { REPORT_FORMATS, type Report, type ReportFormat } from '../../core/findings/report';
import { Slices } from '../../core/slices';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { version } from '../../../package.json';
import { writeAtomically } from '../atomic-write';
import type { ScanResults } from './scan-results';

/** Where and how to export, for those who need not be asked. */
export interface ExportTarget {
  readonly format: string;
  readonly uri: vscode.Uri;
}

/** Writes the findings that are shown to a file that the user chooses. @returns the file. */
export async function exportFindings(results: ScanResults, given?: ExportTarget): Promise<vscode.Uri | undefined> {
  const format = given ? REPORT_FORMATS.find(({ id }) => id === given.format) : await askFormat();
  const uri = format && (given?.uri ?? (await askFile(format)));
  if (!uri) {
    return undefined;
  }
  await writeAtomically(uri, await textOf(format, reportOf(results)));
  if (!given) {
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
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ name, index }) => ({ name, files: files.filter(({ folder }) => folder.index === index) }));
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
