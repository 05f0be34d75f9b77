import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import manifest from '../../package.json';
import type { Classification } from '../../src/editor/comments/classifications';
import { CODE_LENSES, RUN_MODES } from '../../src/editor/settings';
import { diagnosticsOf, diagnosticsWhen, open, withSettings } from './editor';

const count = (wanted: number) => (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length === wanted;
const DEBT = 'TODO: this is an ugly hack, replace it';
const MORE = `/* ${DEBT} */\n`;

const classifyFile = (): Thenable<Classification> => vscode.commands.executeCommand<Classification>('glance.classifyFile');
/** What is known of the finding in the first line, if it is known of this version of the document. */
const copyFinding = ({ document }: vscode.TextEditor): Thenable<string | undefined> => vscode.commands.executeCommand('glance.copyFinding', document.uri, new vscode.Position(0, 0));

const append = (editor: vscode.TextEditor, text: string): Thenable<boolean> => editor.edit((edit) => edit.insert(editor.document.lineAt(editor.document.lineCount - 1).range.end, text));

describe('when comments are classified', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true });
  });
  async function openFile(name = 'a.ts', content = `// ${DEBT}\n`): Promise<vscode.TextEditor> {
    const file = vscode.Uri.file(path.join(folder, name));
    await writeFile(file.fsPath, content);
    return vscode.window.showTextDocument(file, { preview: false });
  }

  /** Waits until another document, in JavaScript, was classified after an edit: whatever an earlier edit has begun is over then. */
  async function untilAnotherEditIsAnswered(): Promise<void> {
    const other = await open('');
    await vscode.languages.setTextDocumentLanguage(other.document, 'javascript');
    await append(other, MORE);
    await diagnosticsWhen(other, count(1));
  }

  it('the settings offer what the code knows', () => {
    const { 'glance.comments.run': run, 'glance.comments.codeLens': codeLens } = manifest.contributes.configuration.properties;
    for (const [setting, known] of [[run, RUN_MODES], [codeLens, CODE_LENSES]] as const) {
      assert.deepEqual(setting.enum, known);
      assert.equal(setting.enumDescriptions.length, known.length);
      assert.equal(setting.default, known[0]);
    }
  });

  it('onSave: when a file is opened, saved or reverted, but not while it is edited', async () => {
    await withSettings({ '[typescript].comments.run': 'onSave' }, async () => {
      const editor = await openFile();
      await diagnosticsWhen(editor, count(1));
      await append(editor, MORE);
      await untilAnotherEditIsAnswered();
      assert.equal(diagnosticsOf(editor).length, 1);
      await vscode.window.showTextDocument(editor.document);
      await editor.document.save();
      const [, second] = await diagnosticsWhen(editor, count(2));
      assert.equal(second?.range.start.line, 1);
      const again = await vscode.window.showTextDocument(editor.document);
      await append(again, MORE);
      assert.equal(await copyFinding(editor), undefined);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      let known: string | undefined;
      while ((known = await copyFinding(editor)) === undefined) {
        await sleep(20);
      }
      assert.match(known, /debt/u);
    });
  });

  it('onOpen: when a file is opened, but not when it is edited, saved or shown again', async () => {
    await withSettings({ '[typescript].comments.run': 'onOpen', '[typescriptreact].comments.run': 'onOpen' }, async () => {
      const editor = await openFile();
      await diagnosticsWhen(editor, count(1));
      await append(editor, MORE);
      await editor.document.save();
      await untilAnotherEditIsAnswered();
      await vscode.window.showTextDocument(editor.document, { preview: false });
      await untilAnotherEditIsAnswered();
      assert.equal(diagnosticsOf(editor).length, 1);
      // A document whose language changes is closed and opened again.
      await vscode.languages.setTextDocumentLanguage(editor.document, 'typescriptreact');
      await diagnosticsWhen(await vscode.window.showTextDocument(editor.document.uri), count(2));
    });
  });

  it('never: takes the findings away, and brings them back', async () => {
    const editor = await openFile();
    await diagnosticsWhen(editor, count(1));
    await withSettings({ 'comments.run': 'never' }, async () => void (await diagnosticsWhen(editor, count(0))));
    await diagnosticsWhen(editor, count(1));
  });

  it('never: leaves alone what its reader asked for', async () => {
    await withSettings({ 'comments.run': 'never' }, async () => {
      const editor = await openFile();
      assert.equal((await classifyFile()).findings.length, 1);
      await diagnosticsWhen(editor, count(1));
      await append(editor, MORE);
      await diagnosticsWhen(editor, count(2));
      await withSettings({ 'exit.policy': 'full' }, async () => void (await diagnosticsWhen(editor, count(2))));
    });
  });

  it('only comments that have changed are sent again', async () => {
    const editor = await openFile('a.ts', `const a = 1; // the first number\nconst b = 2; // the second number\n// ${DEBT}\n`);
    await diagnosticsWhen(editor, count(1));
    assert.deepEqual(await classifyFile().then(({ comments, classified }) => [comments.length, classified]), [3, 0]);
    await editor.edit((edit) => edit.replace(new vscode.Range(0, 16, 0, 19), 'a'));
    assert.deepEqual(await classifyFile().then(({ comments, classified }) => [comments.length, classified]), [3, 1]);
    await append(editor, '\nconst c = 3; // the second number\n');
    assert.deepEqual(await classifyFile().then(({ comments, classified }) => [comments.length, classified]), [4, 0]);
    await withSettings({ 'exit.policy': 'full' }, async () => {
      assert.ok((await classifyFile()).comments.every(({ decision }) => decision.exit === decision.lastExit));
    });
  });

  it('all comments are sent again to an engine that was started anew', async () => {
    const editor = await openFile();
    await diagnosticsWhen(editor, count(1));
    await vscode.commands.executeCommand('glance.restartEngine');
    assert.equal((await classifyFile()).classified, 1);
  });

  it('a file that is renamed takes its findings along', async () => {
    const editor = await openFile();
    await diagnosticsWhen(editor, count(1));
    const [from, to] = [editor.document.uri, vscode.Uri.file(path.join(folder, 'b.ts'))];
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(from, to);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await diagnosticsWhen(editor, count(0));
    await diagnosticsWhen(await vscode.window.showTextDocument(to), count(1));
  });

  it('a file that is deleted has no findings any more', async () => {
    const editor = await openFile();
    await diagnosticsWhen(editor, count(1));
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(editor.document.uri);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await diagnosticsWhen(editor, count(0));
  });

  it('an edit that is reverted takes its finding with it', async () => {
    const editor = await openFile();
    await diagnosticsWhen(editor, count(1));
    await append(editor, MORE);
    await diagnosticsWhen(editor, count(2));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await diagnosticsWhen(editor, count(1));
  });

  it('the cells of a notebook are classified, those out of sight too', async () => {
    const cells = [DEBT, ...Array.from({ length: 40 }, () => 'nothing of note'), DEBT].map((text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, `# ${text}\nx = 1`, 'python'));
    const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', new vscode.NotebookData(cells));
    await vscode.window.showNotebookDocument(notebook);
    for (const index of [0, 41]) {
      await diagnosticsWhen({ document: notebook.cellAt(index).document }, count(1));
    }
    assert.equal(diagnosticsOf({ document: notebook.cellAt(1).document }).length, 0);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(41).document.uri, new vscode.Range(0, 0, 1, 0), '');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await diagnosticsWhen({ document: notebook.cellAt(41).document }, count(0));
  });
});
