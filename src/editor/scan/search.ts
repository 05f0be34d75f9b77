import * as vscode from 'vscode';
import { excerptOf, type Finding } from '../../core/findings/finding';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { answerTitle, percent } from '../../core/tasks/describe';
import { openCommand } from './findings-tree';
import type { ScanResults, ShownFile } from './scan-results';

/** Findings that are listed at a time; typing narrows them down. */
const LISTED = 200;

interface FindingItem extends vscode.QuickPickItem {
  readonly open?: vscode.Command;
}

/** Lets the user find a finding by words of its comment, its path and its label. */
export function searchFindings(results: ScanResults): void {
  const files = results.visible();
  const pick = vscode.window.createQuickPick<FindingItem>();
  pick.title = vscode.l10n.t('Search Findings');
  pick.placeholder = vscode.l10n.t('Words of the comment, the path or the label');
  const list = (): void => {
    const words = pick.value.toLowerCase().split(/\s+/u).filter(Boolean);
    const found = matches(files, words);
    pick.items = found.slice(0, LISTED).map(({ file, finding }) => itemOf(file, finding));
    pick.title = found.length > LISTED ? vscode.l10n.t('Search Findings: the first {0}', LISTED) : vscode.l10n.t('Search Findings');
  };
  pick.onDidChangeValue(list);
  pick.onDidAccept(() => {
    const [item] = pick.selectedItems;
    pick.hide();
    if (item?.open) {
      void vscode.commands.executeCommand(item.open.command, ...((item.open.arguments ?? []) as unknown[]));
    }
  });
  pick.onDidHide(() => pick.dispose());
  list();
  pick.show();
}

/** Findings that have every word, and one more than are listed, to know that there are more. */
function matches(files: readonly ShownFile[], words: readonly string[]): { readonly file: ShownFile; readonly finding: Finding }[] {
  const found: { file: ShownFile; finding: Finding }[] = [];
  for (const file of files) {
    for (const finding of file.findings) {
      const text = `${finding.text} ${file.path} ${answerTitle(COMMENT_DEBT, finding.decision)}`.toLowerCase();
      if (words.every((word) => text.includes(word))) {
        found.push({ file, finding });
        if (found.length > LISTED) {
          return found;
        }
      }
    }
  }
  return found;
}

function itemOf(file: ShownFile, { text, decision, start, end }: Finding): FindingItem {
  return {
    label: excerptOf(text),
    description: `${answerTitle(COMMENT_DEBT, decision)}, ${percent(decision.findingConfidence)}`,
    detail: `${file.path}:${start.line + 1}`,
    // The words may stand anywhere: VS Code's own filter wants them one after the other.
    alwaysShow: true,
    open: openCommand(file.uri, new vscode.Range(start.line, start.column, end.line, end.column)),
  };
}
