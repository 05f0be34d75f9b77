import * as vscode from 'vscode';
import { Baseline, BASELINE_FILE, BaselineError, baselineText } from '../../core/findings/baseline';
import { writeAtomically } from '../atomic-write';
import { baselineOf, type Baselines } from '../findings/baselines';
import { isSameFolder } from '../workspace-files';
import type { ScanResults } from './scan-results';

/**
 * Writes the findings of each folder of the workspace to its baseline, whether they are shown or not.
 * @param results of a scan that has come to its end.
 * @returns the files that were written, without those that the user does not want replaced.
 */
export async function createBaseline(results: ScanResults, baselines: Baselines): Promise<vscode.Uri[]> {
  const written: vscode.Uri[] = [];
  let findings = 0;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = baselineOf(folder);
    if (await mayWrite(uri)) {
      const files = [...results.all()].filter((file) => isSameFolder(file.folder, folder));
      findings += files.reduce((sum, file) => sum + file.findings.length, 0);
      await writeAtomically(uri, new TextEncoder().encode(baselineText(files)));
      written.push(uri);
      await baselines.load([folder]);
    }
  }
  if (written.length > 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} holds {1} findings. From now on, only others are shown.', BASELINE_FILE, findings));
  }
  return written;
}

/** A baseline may be replaced; what is none, or a broken one, only if its owner says so. */
async function mayWrite(uri: vscode.Uri): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  try {
    Baseline.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') {
      return true;
    }
    const message = error instanceof BaselineError ? vscode.l10n.t('{0} {1}. Replace it?', BASELINE_FILE, error.message) : (error as Error).message;
    return (await vscode.window.showWarningMessage(message, { modal: true, detail: vscode.l10n.t('What is in it will be lost.') }, replace)) === replace;
  }
}
