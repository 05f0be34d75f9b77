import * as vscode from 'vscode';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import { explain } from '../explanation';
import type { Settings } from '../settings';
import type { ClassifiedSection, Documents } from './documents';
import { rangeIn } from '../ranges';
import { sectionType } from './section-type';

/** A section with those below it. */
interface Node extends ClassifiedSection {
  /** Headings down to this one, and how many before it are the same: names the node from one version to the next. */
  readonly id: string;
  readonly children: Node[];
}

/** The sections of the active Markdown document with what they are about: VS Code lets nobody write into its own outline of Markdown. */
export class SectionTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly documents: Documents,
    private readonly settings: Settings,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      documents.onDidChange((document) => void (document === active() && this.changed.fire())),
      vscode.window.onDidChangeActiveTextEditor(() => this.changed.fire()),
      vscode.window.createTreeView('glance.sections', { treeDataProvider: this, showCollapseAll: true }),
    );
    // Where no Markdown is written, the view takes no place in the explorer.
    const first = documents.onDidChange(() => {
      first.dispose();
      void vscode.commands.executeCommand('setContext', 'glance.documents', true);
    });
  }

  getChildren(node?: Node): Node[] {
    const document = active();
    return node?.children ?? (document && this.settings.showsSections(document) ? nested(this.documents.sectionsOf(document)) : []);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { section, children, id } = node;
    const item = new vscode.TreeItem(section.heading || vscode.l10n.t('Before the first heading'), children.length > 0 ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None);
    item.id = id;
    item.description = sectionType(node);
    item.accessibilityInformation = { label: `${section.heading}, ${sectionType(node)}` };
    const document = active();
    if (document) {
      const start = rangeIn(document, section.headingRange).start;
      item.command = { command: 'vscode.open', title: vscode.l10n.t('Go to Section'), arguments: [document.uri, { selection: new vscode.Range(start, start) }] };
    }
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const document = active();
    const outcome = document && this.documents.of(document);
    item.tooltip = explain(DOC_SECTION, node.decision, outcome?.kind === 'done' ? outcome.answer.promise : undefined);
    return item;
  }

  dispose(): void {
    this.subscriptions.dispose();
  }
}

function active(): vscode.TextDocument | undefined {
  return vscode.window.activeTextEditor?.document;
}

/** Sections under the nearest one before them whose heading is of a higher level. */
function nested(sections: readonly ClassifiedSection[]): Node[] {
  const roots: Node[] = [];
  const path: Node[] = [];
  const seen = new Map<string, number>();
  for (const classified of sections) {
    while ((path.at(-1)?.section.level ?? 0) >= classified.section.level && path.length > 0) {
      path.pop();
    }
    const parent = path.at(-1);
    const name = `${parent?.id ?? ''}/${classified.section.heading}`;
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    const node: Node = { ...classified, id: `${name}:${number}`, children: [] };
    (parent?.children ?? roots).push(node);
    if (classified.section.level > 0) {
      path.push(node);
    }
  }
  return roots;
}
