import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';

/**
 * Lets src/core and src/engine, which know no editor, speak the editor's language. What only the log has stays in English: faults inside a model package,
 * and how a process ended.
 */
export function localize(): void {
  l10n.config({ contents: vscode.l10n.bundle ?? {} });
}
