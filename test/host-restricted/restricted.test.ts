import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { baselineText } from '../../src/core/findings/baseline';
import type { Finding } from '../../src/core/findings/finding';
import type { ScanOutcome } from '../../src/editor/scan/scan-surface';
import { workspaceFolders } from '../../src/editor/scan/workspace-folders';
import { diagnosticsWhen } from '../host/editor';
import { TestFileSystem } from './test-file-system';

/** A finding in a report. */
interface ReportedFinding extends Finding {
  readonly folder: string;
  readonly path: string;
}

const DEBT = '// TODO: this is an ugly hack, replace it\n';

const none = (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length === 0;
const some = (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length > 0;

describe('a workspace of several folders that is not trusted', () => {
  const files = new TestFileSystem();
  const registration = vscode.workspace.registerFileSystemProvider('glance-test', files);

  // In a browser VS Code may start the extension host before it has read the workspace's file.
  before(() => workspaceFolders().known);
  after(() => void registration.dispose());
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('is what these tests run in', () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.deepEqual(vscode.workspace.workspaceFolders?.map(({ name, uri: { scheme } }) => [name, scheme]), [['examples', 'file'], ['second', 'file'], ['virtual', 'glance-test']]);
  });

  it('does not choose the model package, and is classified by the one that ships', async () => {
    // The same file sets another one, which holds.
    const { uri } = folder('second');
    assert.equal(vscode.workspace.getConfiguration('glance', uri).get('comments.minimumConfidence'), 1);
    assert.equal(vscode.workspace.getConfiguration('glance', uri).get('modelPath'), '');
    await diagnosticsWhen(await vscode.window.showTextDocument(vscode.Uri.joinPath(uri, 'queue.py')), some);
  });

  it('has the settings of each of its folders', async () => {
    for (const [name, file, severity] of [['second', 'queue.py', vscode.DiagnosticSeverity.Warning], ['examples', 'report.py', vscode.DiagnosticSeverity.Information]] as const) {
      const diagnostics = await diagnosticsWhen(await vscode.window.showTextDocument(vscode.Uri.joinPath(folder(name).uri, file)), some);
      diagnostics.forEach((diagnostic) => assert.equal(diagnostic.severity, severity, name));
    }
  });

  it('has files on a file system that only VS Code knows classified, with what is not saved yet', async () => {
    const uri = vscode.Uri.joinPath(folder('virtual').uri, 'virtual.ts');
    files.write(uri.path, DEBT);
    const editor = await vscode.window.showTextDocument(uri);
    await diagnosticsWhen(editor, some);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), `\n${DEBT}`));
    await diagnosticsWhen(editor, ({ length }) => length === 2);
    assert.equal(editor.document.isDirty, true);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('is scanned, on every file system', async () => {
    files.write('/virtual/virtual.ts', DEBT);
    const byFolder = await Promise.all(
      (vscode.workspace.workspaceFolders ?? []).map(async ({ uri }) => (await vscode.workspace.fs.readDirectory(uri)).filter(([name]) => /\.(?:ts|py|java|sql|c)$/u.test(name)).length),
    );
    const outcome = await vscode.commands.executeCommand<ScanOutcome | undefined>('glance.scanWorkspace');
    assert.deepEqual([outcome?.kind, outcome?.files], ['done', byFolder.reduce((sum, count) => sum + count)]);
    assert.equal(byFolder[2], 1);
  });

  it('is listed and reported by its folders', async () => {
    files.write('/virtual/virtual.ts', DEBT);
    const findings = await reported();
    // In the order of the folders.
    const names = findings.map((finding) => finding.folder);
    assert.deepEqual([...new Set(names)], ['examples', 'second', 'virtual']);
    assert.deepEqual(names, [...names].sort());
    assert.deepEqual(findings.filter((finding) => finding.folder !== 'examples').map(({ path }) => path), ['queue.py', 'virtual.ts']);
  });

  it('lets a language model read files of every folder', async () => {
    for (const filePath of ['second/queue.py', 'queue.py', 'virtual/virtual.ts']) {
      const { content } = await vscode.lm.invokeTool('glance_debt', { input: { filePath }, toolInvocationToken: undefined });
      const [part] = content;
      assert.ok(part instanceof vscode.LanguageModelTextPart);
      assert.equal((JSON.parse(part.value) as { findings: unknown[] }).findings.length, 1, filePath);
    }
  });

  it('has what the baseline of a folder knows hidden in an open editor when the folder comes late', async () => {
    const { uri } = folder('examples');
    const baseline = vscode.Uri.joinPath(uri, '.glance-baseline.json');
    const report = await reported();
    await vscode.workspace.fs.writeFile(baseline, new TextEncoder().encode(baselineText([{ path: 'report.py', findings: report.filter(({ path }) => path === 'report.py') }])));
    const folders = [...(vscode.workspace.workspaceFolders ?? [])];
    await withFolders([]);
    const editor = await vscode.window.showTextDocument(vscode.Uri.joinPath(uri, 'report.py'));
    await diagnosticsWhen(editor, some);
    const late = workspaceFolders();
    // It has no settings of its own, whose change would have all documents looked at again.
    await withFolders(folders.slice(0, 1));
    await late.known;
    late.dispose();
    await diagnosticsWhen(editor, none);
    await withFolders(folders);
    await vscode.workspace.fs.delete(baseline);
    await diagnosticsWhen(editor, some);
  });
});

/** The findings of a scan, as they are exported. */
async function reported(): Promise<ReportedFinding[]> {
  await vscode.commands.executeCommand('glance.scanWorkspace');
  const uri = vscode.Uri.joinPath(folder('examples').uri, 'shown.txt');
  await vscode.commands.executeCommand('glance.exportFindings', { format: 'json', uri });
  const { findings } = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri))) as { findings: ReportedFinding[] };
  await vscode.workspace.fs.delete(uri);
  return findings;
}

/** Waits until the workspace has these folders, in place of those that it has. */
async function withFolders(folders: readonly vscode.WorkspaceFolder[]): Promise<void> {
  const changed = new Promise<void>((resolve) => {
    const subscription = vscode.workspace.onDidChangeWorkspaceFolders(() => {
      subscription.dispose();
      resolve();
    });
  });
  assert.ok(vscode.workspace.updateWorkspaceFolders(0, vscode.workspace.workspaceFolders?.length, ...folders));
  await changed;
}

function folder(name: string): vscode.WorkspaceFolder {
  const found = vscode.workspace.workspaceFolders?.find((candidate) => candidate.name === name);
  assert.ok(found);
  return found;
}
