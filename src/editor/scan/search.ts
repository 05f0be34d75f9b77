import * as vscode from 'vscode';
import { excerptOf, type Finding } from '../../core/findings/finding';
import { answerTitle, percent } from '../../core/tasks/describe';
import { openCommand } from './findings-tree';
import type { ScanResults, ShownFile, ShownTask, TaskFindings } from './scan-results';

/** Findings that are listed at a time; typing narrows them down. */
const LISTED = 200;

/** A finding with its task and its file. */
interface Match {
  readonly task: ShownTask;
  readonly file: ShownFile;
  readonly finding: Finding;
}

interface FindingItem extends vscode.QuickPickItem {
  readonly open?: vscode.Command;
}

/** Lets the user find a finding by words of its comment, its path and its label. */
export function searchFindings(results: ScanResults): void {
  const tasks = results.visibleByTask();
  const pick = vscode.window.createQuickPick<FindingItem>();
  pick.title = vscode.l10n.t('Search Findings');
  pick.placeholder = vscode.l10n.t('Words of the comment, the path or the label');
  const list = (): void => {
    const words = pick.value.toLowerCase().split(/\s+/u).filter(Boolean);
    const found = matches(tasks, words);
    pick.items = found.slice(0, LISTED).map(itemOf);
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
function matches(tasks: readonly TaskFindings[], words: readonly string[]): Match[] {
  const found: Match[] = [];
  for (const { task, files } of tasks) {
    for (const file of files) {
      for (const finding of file.findings) {
        const text = `${finding.text} ${file.path} ${answerTitle(task, finding.decision)}`.toLowerCase();
        if (words.every((word) => text.includes(word))) {
          found.push({ task, file, finding });
          if (found.length > LISTED) {
            return found;
          }
        }
      }
    }
  }
  return found;
}

function itemOf({ task, file, finding: { text, decision, start, end } }: Match): FindingItem {
  return {
    label: excerptOf(text),
    description: `${answerTitle(task, decision)}, ${percent(decision.confidence)}`,
    detail: `${file.path}:${start.line + 1}`,
    // The words may stand anywhere: VS Code's own filter wants them one after the other.
    alwaysShow: true,
    open: openCommand(file.uri, new vscode.Range(start.line, start.column, end.line, end.column)),
  };
}
