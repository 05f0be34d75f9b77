import * as vscode from 'vscode';
import { excerptOf, type Finding } from '../../core/findings/finding';
import { CONFIDENCE_BANDS, countOf, groupByConfidence, groupByFolder, groupByLabel, type FileGroup, type FindingGroup, type Grouping } from '../../core/findings/group';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { answerTitle, describeDecision, percent } from '../../core/tasks/describe';
import type { Baselines } from '../findings/baselines';
import { isSameFolder } from '../workspace-files';
import type { ScanResults, ShownFile, ShownTask } from './scan-results';

/** Children of one node that are shown at a time: VS Code takes in all that it is given at once. */
const PAGE = 500;

/** Pause between two looks at results that keep coming, in milliseconds. */
const REFRESH = 500;

/** A finding in the tree. */
export interface FindingNode {
  readonly kind: 'finding';
  readonly file: ShownFile;
  readonly finding: Finding;
}

/** Stands for the children that are not shown yet. */
interface MoreNode {
  readonly kind: 'more';
  readonly parent: string;
  readonly left: number;
}

type Group = FindingGroup<ShownFile> | FileGroup<ShownFile>;

/** All that one task has found. */
interface TaskNode {
  readonly kind: 'task';
  readonly groups: readonly Group[];
  readonly count: number;
}

type Child = TaskNode | Group | FindingNode | MoreNode;

/** A node with its place in the tree, by which VS Code knows it again after a refresh. */
export interface TreeNode {
  readonly id: string;
  readonly child: Child;
  /** The task whose findings are in it. */
  readonly task: ShownTask;
  /** What the groups of the task are. */
  readonly top: Grouping;
}

const LABEL_ICONS: Readonly<Record<string, string>> = { design: 'tools', requirement: 'checklist', defect: 'bug', test: 'beaker', documentation: 'book' };

/** The findings of the workspace as a tree: groups, files, findings. Where a taught task has found something, tasks stand above the groups. */
export class FindingsTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscription: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;
  private tasks: readonly { readonly task: ShownTask; readonly groups: readonly Group[] }[] | undefined;
  /** How many children are shown, where there are more than a page. */
  private readonly shown = new Map<string, number>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly results: ScanResults,
    private readonly baselines: Pick<Baselines, 'has'>,
    private grouping: Grouping,
  ) {
    this.subscription = results.onDidChange(() => (this.timer ??= setTimeout(() => this.refresh(), REFRESH)));
  }

  groupBy(grouping: Grouping): void {
    this.grouping = grouping;
    this.refresh();
  }

  /** Shows another page of the children of a node. */
  showMore({ child }: TreeNode): void {
    if (child.kind === 'more') {
      this.shown.set(child.parent, (this.shown.get(child.parent) ?? PAGE) + PAGE);
      this.changed.fire();
    }
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (!node) {
      this.tasks ??= this.results.visibleByTask().map(({ task, files }) => ({ task, groups: this.group(task, files) }));
      return this.tasks.flatMap(({ task, groups }) => (this.isTaught ? this.page('', task, [{ kind: 'task', groups, count: countOf(groups) }]) : this.page('', task, groups)));
    }
    const { id, child, task } = node;
    switch (child.kind) {
      case 'task':
      case 'group':
        return this.page(id, task, child.groups);
      case 'file':
        return this.page(id, task, child.findings.map((finding): FindingNode => ({ kind: 'finding', file: child.file, finding })));
      case 'finding':
      case 'more':
        return [];
    }
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const item = itemOf(node, this.baselines);
    item.id = node.id;
    if (node.child.kind === 'more') {
      item.command = { command: 'glance.showMoreFindings', title: '', arguments: [node] };
    }
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(this.subscription, this.changed).dispose();
  }

  private refresh(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.tasks = undefined;
    this.changed.fire();
  }

  /** Whether something that was taught is among the findings. */
  private get isTaught(): boolean {
    return this.tasks?.some(({ task }) => task.id !== COMMENT_DEBT.id) ?? false;
  }

  private group({ labels }: ShownTask, files: readonly ShownFile[]): readonly Group[] {
    switch (this.grouping) {
      case 'label': {
        const others = files.flatMap(({ findings }) => findings.map(({ decision }) => decision.label)).sort();
        return groupByLabel(files, [...new Set([...Object.keys(labels), ...others])]);
      }
      case 'confidence':
        return groupByConfidence(files);
      case 'folder':
        return groupByFolders(files);
    }
  }

  private page(parent: string, task: ShownTask, children: readonly Child[]): TreeNode[] {
    const end = this.shown.get(parent) ?? PAGE;
    const left = children.length - end;
    const page: readonly Child[] = left > 0 ? [...children.slice(0, end), { kind: 'more', parent, left }] : children;
    return page.map((child) => ({ id: `${parent}/${child.kind === 'task' ? task.id : keyOf(child)}`, child, task, top: this.grouping }));
  }
}

/** With more than one folder in the workspace, each is a group. */
function groupByFolders(files: readonly ShownFile[]): Group[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length < 2) {
    return groupByFolder(files);
  }
  return folders.flatMap((folder): Group[] => {
    const { name, uri } = folder;
    const groups = groupByFolder(files.filter((file) => isSameFolder(file.folder, folder)));
    // Two folders may have one name, where no two groups may have one identifier.
    const key = folders.filter((other) => other.name === name).length > 1 ? uri.fsPath : name;
    const count = countOf(groups);
    return count === 0 ? [] : [{ kind: 'group', key, groups, count }];
  });
}

function keyOf(child: Exclude<Child, TaskNode>): string {
  switch (child.kind) {
    case 'group':
      return child.key;
    case 'file':
      return child.file.uri.toString();
    case 'finding':
      return child.finding.fingerprint;
    case 'more':
      return 'more';
  }
}

function itemOf({ child, task, top }: TreeNode, baselines: Pick<Baselines, 'has'>): vscode.TreeItem {
  switch (child.kind) {
    case 'task':
      return countedItem(task.title, child.count, task.id === COMMENT_DEBT.id ? 'comment-discussion' : 'mortar-board');
    case 'group':
      return groupItem(child, task, top);
    case 'file':
      return fileItem(child, top);
    case 'finding':
      return findingItem(child, task, baselines);
    case 'more':
      return new vscode.TreeItem(vscode.l10n.t('Show more of the {0} that are left', child.left));
  }
}

function groupItem({ key, count }: FindingGroup<ShownFile>, { labels }: ShownTask, top: Grouping): vscode.TreeItem {
  switch (top) {
    case 'label': {
      const item = countedItem(labels[key]?.title ?? key, count, LABEL_ICONS[key] ?? 'comment');
      item.tooltip = labels[key]?.description;
      return item;
    }
    case 'folder':
      return countedItem(key, count, 'folder');
    case 'confidence':
      return countedItem(bandTitle(Number(key)), count, 'dashboard');
  }
}

/** Something with findings in it. */
function countedItem(title: string, count: number, icon: string): vscode.TreeItem {
  const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Collapsed);
  item.description = String(count);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1} findings', title, count) };
  return item;
}

/** @param least confidence of a band. */
function bandTitle(least: number): string {
  const above = CONFIDENCE_BANDS.findLast((band) => band > least);
  if (above === undefined) {
    return vscode.l10n.t('At least {0} sure', percent(least));
  }
  return least === 0 ? vscode.l10n.t('Less than {0} sure', percent(above)) : vscode.l10n.t('{0} to {1} sure', percent(least), percent(above));
}

function fileItem({ file, findings }: FileGroup<ShownFile>, top: Grouping): vscode.TreeItem {
  const slash = file.path.lastIndexOf('/');
  const name = file.path.slice(slash + 1);
  const several = (vscode.workspace.workspaceFolders ?? []).length > 1;
  const place = top === 'folder' ? '' : [several && file.folder.name, slash > 0 && file.path.slice(0, slash)].filter(Boolean).join('/');
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Collapsed);
  item.resourceUri = file.uri;
  item.iconPath = vscode.ThemeIcon.File;
  item.description = place === '' ? String(findings.length) : `${findings.length} · ${place}`;
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1} findings', place === '' ? name : `${place}/${name}`, findings.length) };
  return item;
}

function findingItem({ file, finding }: FindingNode, task: ShownTask, baselines: Pick<Baselines, 'has'>): vscode.TreeItem {
  const { text, decision, start, end } = finding;
  const isDebt = task.id === COMMENT_DEBT.id;
  // Baselines hold debt alone.
  const isKnown = isDebt && baselines.has(finding.fingerprint, file.uri);
  const item = new vscode.TreeItem(excerptOf(text));
  item.iconPath = new vscode.ThemeIcon(LABEL_ICONS[decision.label] ?? 'comment');
  const line = vscode.l10n.t('line {0}', start.line + 1);
  item.description = [answerTitle(task, decision), percent(decision.findingConfidence), line, ...(isKnown ? [vscode.l10n.t('known')] : [])].join(' · ');
  // Plain text: a comment must not become a link.
  item.tooltip = `${describeDecision(task, decision)}\n${file.path}:${start.line + 1}\n\n${text}`;
  item.accessibilityInformation = { label: `${excerptOf(text)}, ${item.description}` };
  item.contextValue = isDebt ? 'finding' : 'taughtFinding';
  item.command = openCommand(file.uri, new vscode.Range(start.line, start.column, end.line, end.column));
  return item;
}

/** Opens a file where a finding stands. */
export function openCommand(uri: vscode.Uri, selection: vscode.Range): vscode.Command {
  return { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uri, { selection } satisfies vscode.TextDocumentShowOptions] };
}
