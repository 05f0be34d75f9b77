import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Classification } from '../../src/editor/comments/classifications';
import { diagnosticsOf, diagnosticsWhen, open } from './editor';

const DEBT = '// TODO: this is an ugly hack, replace it\n';

const some = (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length > 0;
const none = (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length === 0;

describe('documents of every kind', () => {
  let folder: string;
  const file = (name: string): vscode.Uri => vscode.Uri.file(path.join(folder, name));

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'glance-documents-'));
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('a file that is renamed keeps its findings, under its new name alone @newest', async () => {
    await writeFile(file('before.ts').fsPath, DEBT);
    const editor = await vscode.window.showTextDocument(file('before.ts'));
    await diagnosticsWhen(editor, some);
    const rename = new vscode.WorkspaceEdit();
    rename.renameFile(file('before.ts'), file('after.ts'));
    const moved = openedAs(file('after.ts'));
    assert.ok(await vscode.workspace.applyEdit(rename));
    await moved;
    await diagnosticsWhen(await vscode.window.showTextDocument(file('after.ts')), some);
    await diagnosticsWhen(editor, none);
  });

  it('a file that is deleted takes its findings with it', async () => {
    await writeFile(file('deleted.ts').fsPath, DEBT);
    const editor = await vscode.window.showTextDocument(file('deleted.ts'));
    await diagnosticsWhen(editor, some);
    const deletion = new vscode.WorkspaceEdit();
    deletion.deleteFile(file('deleted.ts'));
    assert.ok(await vscode.workspace.applyEdit(deletion));
    await diagnosticsWhen(editor, none);
  });

  it('a document that was never saved is classified, and saved under a name it stays so', async () => {
    const untitled = await open(DEBT);
    assert.equal(untitled.document.isUntitled, true);
    await diagnosticsWhen(untitled, some);
    const editor = await vscode.window.showTextDocument(file('before-edit.ts').with({ scheme: 'untitled' }));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), DEBT));
    await diagnosticsWhen(editor, some);
    const saved = openedAs(file('before-edit.ts'));
    assert.ok(await editor.document.save());
    await diagnosticsWhen(await vscode.window.showTextDocument(await saved), some);
    await diagnosticsWhen(editor, none);
    assert.equal(await readFile(file('before-edit.ts').fsPath, 'utf8'), DEBT);
  });

  it('cells of a notebook are classified each, and followed @newest', async () => {
    const cells = [DEBT, '// adds two numbers\n', DEBT].map((text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, 'typescript'));
    const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', new vscode.NotebookData(cells));
    await vscode.window.showNotebookDocument(notebook);
    const [first, second, third] = notebook.getCells();
    assert.ok(first && second && third);
    await diagnosticsWhen(first, some);
    await diagnosticsWhen(third, some);
    assert.equal(diagnosticsOf(second).length, 0);
    const change = new vscode.WorkspaceEdit();
    change.insert(second.document.uri, new vscode.Position(0, 0), `${DEBT}\n`);
    assert.ok(await vscode.workspace.applyEdit(change));
    await diagnosticsWhen(second, some);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await diagnosticsWhen(first, none);
  });

  it('documents that nobody writes are left alone: output, and versions of the past', async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider('glance-past', { provideTextDocumentContent: () => DEBT });
    const past = await vscode.window.showTextDocument(vscode.Uri.parse('glance-past:/past.ts'));
    const written = await open(DEBT);
    await vscode.window.showTextDocument(past.document, vscode.ViewColumn.Beside);
    await diagnosticsWhen(written, some);
    assert.equal(diagnosticsOf(past).length, 0);
    provider.dispose();
  });

  it('a file of 20 MB is not classified, whether asked for or not, and does not hold up the editor', async () => {
    const line = 'const answer = 42; // the answer to it\n';
    await writeFile(file('large.ts').fsPath, DEBT + line.repeat(20_000_000 / line.length));
    const editor = await vscode.window.showTextDocument(file('large.ts'));
    assert.equal(await vscode.commands.executeCommand<Classification | undefined>('glance.classifyFile'), undefined);
    const small = await open(DEBT);
    await diagnosticsWhen(small, some);
    assert.equal(diagnosticsOf(editor).length, 0);
  });
});

/** Waits until a document of this name is opened. */
function openedAs(uri: vscode.Uri): Promise<vscode.TextDocument> {
  return new Promise((resolve) => {
    const subscription = vscode.workspace.onDidOpenTextDocument((document) => {
      if (document.uri.toString() === uri.toString()) {
        subscription.dispose();
        resolve(document);
      }
    });
  });
}
