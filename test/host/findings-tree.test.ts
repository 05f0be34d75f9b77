import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Finding } from '../../src/core/findings/finding';
import { FindingsTree, type TreeNode } from '../../src/editor/scan/findings-tree';
import { ScanResults, type TaughtFindings } from '../../src/editor/scan/scan-results';

/** Of whose label nobody is sure. */
const finding = (text: string, label: string, findingConfidence: number, line: number): Finding => ({
  text,
  decision: { label, labels: [label], confidence: 0.3, findingConfidence, exit: 1, lastExit: 3 },
  start: { line, column: 2 },
  end: { line, column: 9 },
  fingerprint: `${label}${line}`,
});

describe('the tree of findings', () => {
  let results: ScanResults;
  let tree: FindingsTree;
  let add: (path: string, findings: readonly Finding[], taught?: readonly TaughtFindings[]) => void;

  beforeEach(() => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    results = new ScanResults({ severityIn: () => ({ text }) => (text === 'hidden' ? undefined : vscode.DiagnosticSeverity.Information), showsTaughtIn: () => ({ decision: { findingConfidence = 0 } }) => findingConfidence > 0.5 });
    tree = new FindingsTree(results, { has: (fingerprint) => fingerprint === 'test0' }, 'label');
    add = (path, findings, taught = []) =>
      results.set({ folder, path, uri: vscode.Uri.joinPath(folder.uri, path), languageId: 'typescript', size: 1, mtime: 1, circumstances: '', generation: 0, comments: 2000, exits: 0, byExitZeroAlone: false, findings, taught });
    add('src/many.ts', Array.from({ length: 1200 }, (_, line) => finding(`hack ${line}`, 'design', 0.8, line)));
    add('src/core/two.ts', [finding('a [link](command:x)\u0007', 'test', 0.95, 0), finding('hidden', 'design', 0.9, 3), finding('unsure', 'test', 0.4, 5)]);
  });
  afterEach(() => {
    tree.dispose();
    results.dispose();
  });

  const shape = (nodes: readonly TreeNode[]): string[] => nodes.map((node) => {
    const { label, description } = tree.getTreeItem(node);
    return [label as string, description as string | undefined].filter((part) => part !== undefined).join(': ');
  });
  const at = (...path: number[]): TreeNode => {
    const node = path.reduce<TreeNode | undefined>((parent, index) => tree.getChildren(parent)[index], undefined);
    assert.ok(node);
    return node;
  };

  it('has labels, folders or confidence bands at the top, with counts of what is shown', () => {
    assert.deepEqual(shape(tree.getChildren()), ['Design debt: 1200', 'Test debt: 2']);
    assert.deepEqual(shape(tree.getChildren(at(0))), ['many.ts: 1200 · src']);
    tree.groupBy('folder');
    assert.deepEqual(shape(tree.getChildren()), ['src: 1202']);
    assert.deepEqual(shape(tree.getChildren(at(0))), ['core: 2', 'many.ts: 1200']);
    tree.groupBy('confidence');
    assert.deepEqual(shape(tree.getChildren()), ['At least 90% sure: 1', '75% to 90% sure: 1200', 'Less than 50% sure: 1']);
  });

  it('shows a page of many findings, and more when asked', () => {
    const node = at(0, 0);
    assert.equal(tree.getChildren(node).length, 501);
    const more = tree.getChildren(node).at(-1);
    assert.ok(more);
    assert.deepEqual(shape([more]), ['Show more of the 700 that are left']);
    tree.showMore(more);
    assert.equal(tree.getChildren(node).length, 1001);
    tree.showMore(more);
    assert.equal(tree.getChildren(node).length, 1200);
  });

  it('says all of a finding in words, as plain text, and opens it where it stands', () => {
    const item = tree.getTreeItem(at(1, 0, 0));
    assert.equal(item.label, 'a [link](command:x)\ufffd');
    assert.equal(item.description, 'Test debt · 95% · line 1 · known');
    assert.equal(item.accessibilityInformation?.label, 'a [link](command:x)\ufffd, Test debt · 95% · line 1 · known');
    assert.equal(typeof item.tooltip, 'string');
    assert.equal(item.contextValue, 'finding');
    assert.equal(item.command?.command, 'vscode.open');
    assert.deepEqual((item.command?.arguments?.[1] as vscode.TextDocumentShowOptions).selection, new vscode.Range(0, 2, 0, 9));
  });

  it('has tasks at the top where something that was taught is among the findings', () => {
    const wall = finding('a red wall', 'red', 0.9, 1);
    add('src/wall.ts', [finding('a hack', 'design', 0.8, 1)], [{ task: 'colours', title: 'Colours', silentLabel: 'other', findings: [wall, finding('unsure', 'red', 0.4, 2)] }]);
    add('sea.ts', [], [{ task: 'colours', title: 'Colours', silentLabel: 'other', findings: [finding('a blue sea', 'blue', 0.9, 0)] }]);
    // The tree follows the results after a pause.
    tree.groupBy('label');
    assert.deepEqual(shape(tree.getChildren()), ['Debt: 1203', 'Colours: 2']);
    assert.deepEqual(shape(tree.getChildren(at(0))), ['Design debt: 1201', 'Test debt: 2']);
    assert.deepEqual(shape(tree.getChildren(at(1))), ['blue: 1', 'red: 1']);
    assert.deepEqual(shape(tree.getChildren(at(1, 1))), ['wall.ts: 1 · src']);
    const item = tree.getTreeItem(at(1, 1, 0, 0));
    assert.deepEqual([item.label, item.description, item.contextValue], ['a red wall', 'red · 90% · line 2', 'taughtFinding']);
    tree.groupBy('folder');
    assert.deepEqual(shape(tree.getChildren(at(1))), ['src: 1', 'sea.ts: 1']);
    assert.equal(results.totals().findings, 1205);
    add('src/wall.ts', []);
    add('sea.ts', []);
    tree.groupBy('label');
    assert.deepEqual(shape(tree.getChildren()), ['Design debt: 1200', 'Test debt: 2']);
  });

  it('keeps its nodes apart, also where a file is in several groups', () => {
    const ids = new Set<string>();
    const visit = (node?: TreeNode): void => tree.getChildren(node).forEach((child) => {
      assert.ok(!ids.has(child.id), child.id);
      ids.add(child.id);
      visit(child);
    });
    visit();
    assert.ok(ids.size > 500);
  });
});
