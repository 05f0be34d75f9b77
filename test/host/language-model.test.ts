import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import manifest from '../../package.json';
import type { Parts } from '../../src/editor/surface';
import { LanguageModelSurface } from '../../src/editor/language-model/language-model-surface';
import { withSettings } from './editor';

interface Debt {
  readonly comments: number;
  readonly findings: readonly { readonly line: number; readonly label: string; readonly confidence: number; readonly text: string }[];
  readonly omitted?: number;
}

const SOURCE = '// adds two numbers\nfunction add() {}\n\n// TODO: this is an ugly hack, replace it\nadd();\n/* FIXME: crashes on negative numbers */\n';

describe('language model tools @newest', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('are those of the manifest', () => {
    const known = vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith('glance_'));
    assert.deepEqual(known.sort(), manifest.contributes.languageModelTools.map(({ name }) => name).sort());
  });

  it('tell which comments of a text admit debt, with line, label and confidence', async () => {
    const { comments, findings } = await debt({ text: SOURCE, language: 'typescript' });
    assert.equal(comments, 3);
    assert.deepEqual(findings.map(({ line, text }) => [line, text]), [[4, 'TODO: this is an ugly hack, replace it'], [6, 'FIXME: crashes on negative numbers']]);
    for (const { label, confidence } of findings) {
      assert.match(label, /^(design|requirement|defect|test|documentation)$/u);
      assert.ok(confidence > 0 && confidence <= 1);
    }
  });

  it('take a text without a language for one comment', async () => {
    const { comments, findings } = await debt({ text: 'TODO: this is an ugly hack, replace it' });
    assert.deepEqual([comments, findings.length], [1, 1]);
    assert.deepEqual(await debt({ text: ' ' }), { comments: 0, findings: [] });
  });

  it('read files of the workspace by every path that leads there, and what is not saved yet', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const absolute = vscode.Uri.joinPath(folder.uri, 'inventory.ts').fsPath;
    const answers = await Promise.all(['inventory.ts', `${folder.name}/inventory.ts`, absolute].map((filePath) => debt({ filePath })));
    assert.ok((answers[0]?.findings.length ?? 0) > 0);
    answers.slice(1).forEach((answer) => assert.deepEqual(answer, answers[0]));
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(absolute));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// TODO: this is an ugly hack, replace it\n\n'));
    assert.equal((await debt({ filePath: 'inventory.ts' })).findings[0]?.line, 1);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('read no file outside the workspace, and say what to do', async () => {
    const outside = path.join(os.tmpdir(), `glance-outside-${process.pid}.ts`);
    await writeFile(outside, SOURCE);
    for (const filePath of [outside, '../inventory.ts', 'nowhere.ts', '.']) {
      await assert.rejects(debt({ filePath }), /There is no file .* Give a path from a folder of the workspace on/u);
    }
    await rm(outside);
    await assert.rejects(debt({}), /either filePath or text/u);
    await assert.rejects(debt({ text: SOURCE, language: 'klingon' }), /does not know how comments are written in the language "klingon"/u);
  });

  it('leave out what people are not shown either', async () => {
    await withSettings({ 'comments.minimumConfidence': 100 }, async () => {
      assert.deepEqual((await debt({ text: SOURCE, language: 'typescript' })).findings, []);
    });
  });

  it('keep to a budget of tokens', async () => {
    const whole = await debt({ text: SOURCE, language: 'typescript' });
    const tokenBudget = JSON.stringify(whole).length - 10;
    const cut = await debt({ text: SOURCE, language: 'typescript' }, { tokenBudget, countTokens: (text) => Promise.resolve(text.length) });
    const left = whole.findings.filter(({ line }) => !cut.findings.some((kept) => kept.line === line));
    assert.deepEqual(cut, { comments: 3, findings: whole.findings.filter((finding) => !left.includes(finding)), omitted: 1 });
    // Both may be as sure as each other, once rounded.
    assert.deepEqual(left.map(({ confidence }) => confidence), [Math.min(...whole.findings.map(({ confidence }) => confidence))]);
  });

  it('name the type of a commit, whatever its message begins with', async () => {
    const message = 'correct the spelling in the installation guide';
    const paths = ['README.md', 'docs/install.md'];
    const plain = await commitType({ message, paths });
    assert.equal(plain.type, 'docs');
    assert.ok(plain.confidence > 0 && plain.confidence <= 1);
    assert.deepEqual(await commitType({ message: `feat(docs): ${message}`, paths }), plain);
    await assert.rejects(commitType({ message: ' ' }), /say what the commit does/u);
  });

  it('can be cancelled', async () => {
    const source = new vscode.CancellationTokenSource();
    const text = Array.from({ length: 20_000 }, (_, index) => `/* step ${index} is not done yet */\n`).join('');
    const asked = debt({ text, language: 'typescript' }, undefined, source.token);
    source.cancel();
    await assert.rejects(asked, (error: Error) => /cancell?ed/iu.test(`${error.name} ${error.message}`));
  });

  it('are left out where the editor has none', () => {
    const parts = {} as Parts;
    new LanguageModelSurface(parts, undefined).dispose();
    new LanguageModelSurface(parts, {}).dispose();
  });
});

async function debt(input: object, tokenizationOptions?: vscode.LanguageModelToolTokenizationOptions, token?: vscode.CancellationToken): Promise<Debt> {
  return JSON.parse(await invoke('glance_debt', input, tokenizationOptions, token)) as Debt;
}

async function commitType(input: object): Promise<{ readonly type: string; readonly confidence: number }> {
  return JSON.parse(await invoke('glance_commit_type', input)) as { readonly type: string; readonly confidence: number };
}

async function invoke(name: string, input: object, tokenizationOptions?: vscode.LanguageModelToolTokenizationOptions, token?: vscode.CancellationToken): Promise<string> {
  const options = { input, toolInvocationToken: undefined, ...(tokenizationOptions && { tokenizationOptions }) };
  const { content } = await vscode.lm.invokeTool(name, options, token);
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}
