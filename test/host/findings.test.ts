import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Decision } from '../../src/core/exits/decision';
import type { Classification } from '../../src/editor/comments/classifications';
import { NotDebt } from '../../src/editor/findings/not-debt';
import { LAST_EXIT } from '../last-exit';
import { codeActionsWhen, diagnosticsOf, diagnosticsWhen, open, withSettings } from './editor';

const count = (wanted: number) => (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length === wanted;
const DEBT = 'TODO: this is an ugly hack, replace it';

const isGlances = ({ title }: vscode.CodeAction): boolean => /glance-ignore|^Not debt|TODO|full depth|^Copy finding/u.test(title);

/** Glance's quick fixes at a place, once they are as wanted. */
async function fixesWhen(editor: vscode.TextEditor, range: vscode.Range, wanted: (fixes: vscode.CodeAction[]) => boolean): Promise<vscode.CodeAction[]> {
  return (await codeActionsWhen(editor, range, (actions) => wanted(actions.filter(isGlances)), vscode.CodeActionKind.QuickFix)).filter(isGlances);
}

/** Applies one of the quick fixes of a document's first finding. @returns what its command returns. */
async function fix(editor: vscode.TextEditor, title: RegExp): Promise<unknown> {
  const [first] = diagnosticsOf(editor);
  assert.ok(first);
  const matches = (candidate: vscode.CodeAction): boolean => title.test(candidate.title);
  const action = (await fixesWhen(editor, first.range, (fixes) => fixes.some(matches))).find(matches);
  assert.ok(action);
  if (action.edit) {
    assert.ok(await vscode.workspace.applyEdit(action.edit));
  }
  return action.command && vscode.commands.executeCommand(action.command.command, ...((action.command.arguments ?? []) as unknown[]));
}

describe('a finding', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('glance.forgetNotDebt');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('has quick fixes, and other comments have none @newest', async () => {
    const editor = await open(`// ${DEBT}\nconst a = 1; // the number of items\n`);
    await diagnosticsWhen(editor, count(1));
    const titles = (await fixesWhen(editor, new vscode.Range(0, 5, 0, 5), ({ length }) => length > 0)).map(({ title }) => title);
    assert.deepEqual(titles.map((title) => title.split(' ')[0]), ['Ignore', 'Not', 'Classify', 'Copy']);
    assert.deepEqual(await fixesWhen(editor, new vscode.Range(1, 20, 1, 20), () => true), []);
  });

  it('is ignored by a comment above it, in the language of the document', async () => {
    for (const [language, source, ignored] of [
      ['typescript', `\tcall();\n\t// ${DEBT}\n`, `\tcall();\n\t// glance-ignore\n\t// ${DEBT}\n`],
      ['python', `def f():\n    """${DEBT}"""\n`, `def f():\n    # glance-ignore\n    """${DEBT}"""\n`],
      ['css', `/* ${DEBT} */\n`, `/* glance-ignore */\n/* ${DEBT} */\n`],
      ['lua', `a = 1 -- ${DEBT}\n`, `a = 1 -- ${DEBT} glance-ignore\n`],
    ] as const) {
      const editor = await open(source, language);
      await diagnosticsWhen(editor, count(1));
      await fix(editor, /glance-ignore/u);
      assert.equal(editor.document.getText(), ignored);
      await diagnosticsWhen(editor, count(0));
      const { comments, ignored: left } = await vscode.commands.executeCommand<Classification>('glance.classifyFile');
      assert.deepEqual([comments.length, left], [0, 1]);
    }
  });

  it('is ignored with its file', async () => {
    const editor = await open(`// ${DEBT}\n`);
    await diagnosticsWhen(editor, count(1));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// glance-ignore-file\n\n'));
    await diagnosticsWhen(editor, count(0));
  });

  it('is no debt where its reader says so, in every document, until that is forgotten', async () => {
    const editor = await open(`// ${DEBT}\nfoo(); // FIXME: this is wrong for negative numbers\n`);
    const other = await open(`# ${DEBT}\n`, 'python');
    await diagnosticsWhen(editor, count(2));
    await diagnosticsWhen(other, count(1));
    await fix(editor, /^Not debt/u);
    await diagnosticsWhen(other, count(0));
    const [left] = await diagnosticsWhen(editor, count(1));
    assert.equal(left?.range.start.line, 1);
    await fix(editor, /^Not debt/u);
    await diagnosticsWhen(editor, count(0));
    assert.equal(await vscode.commands.executeCommand('glance.forgetNotDebt'), 2);
    await diagnosticsWhen(editor, count(2));
    await diagnosticsWhen(other, count(1));
    assert.equal(await vscode.commands.executeCommand('glance.forgetNotDebt'), 0);
  });

  it('is marked with a TODO, where it has none', async () => {
    const editor = await open('\t/*\n\t * This is an ugly hack, replace it as soon as possible.\n\t */\n');
    await diagnosticsWhen(editor, count(1));
    await fix(editor, /TODO/u);
    assert.equal(editor.document.lineAt(1).text, '\t * TODO: This is an ugly hack, replace it as soon as possible.');
  });

  it('is classified at full depth, and stays so while other comments change', async () => {
    await withSettings({ 'exit.policy': 'entropy', 'exit.threshold': 10 }, async () => {
      const editor = await open(`// ${DEBT}\n`);
      const atExit = (exit: number) => (found: vscode.Diagnostic[]): boolean => found.length > 0 && (found[0]?.message.includes(`exit ${exit} of`) ?? false);
      await diagnosticsWhen(editor, atExit(0));
      const decision = (await fix(editor, /full depth/u)) as Decision;
      assert.equal(decision.exit, LAST_EXIT);
      await diagnosticsWhen(editor, atExit(LAST_EXIT));
      await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), `\n/* ${DEBT} at once */\n`));
      const [first, second] = await diagnosticsWhen(editor, count(2));
      assert.match(first?.message ?? '', new RegExp(`exit ${LAST_EXIT} of`, 'u'));
      assert.match(second?.message ?? '', /exit 0 of/u);
    });
  });

  it('is copied as the command line prints it', async () => {
    const editor = await open(`\n  /* ${DEBT} */\n`);
    const [diagnostic] = await diagnosticsWhen(editor, count(1));
    const line = `${vscode.workspace.asRelativePath(editor.document.uri)}:2:3: ${diagnostic?.message}: ${DEBT}`;
    assert.equal(await fix(editor, /^Copy/u), line);
    assert.equal(await vscode.env.clipboard.readText(), line);
  });

  it('is the one at the cursor for commands from the palette, which say so where there is none', async () => {
    const editor = await open(`let a;\n// ${DEBT}\n`);
    await diagnosticsWhen(editor, count(1));
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    for (const command of ['glance.notDebt', 'glance.classifyAtFullDepth', 'glance.copyFinding']) {
      assert.equal(await vscode.commands.executeCommand(command), undefined);
    }
    assert.equal(diagnosticsOf(editor).length, 1);
    editor.selection = new vscode.Selection(1, 4, 1, 4);
    assert.match(await vscode.commands.executeCommand<string>('glance.copyFinding'), /:2:1: .* debt/u);
    assert.equal((await vscode.commands.executeCommand<Decision>('glance.classifyAtFullDepth')).exit, LAST_EXIT);
    await diagnosticsWhen(editor, count(1));
    await vscode.commands.executeCommand('glance.notDebt');
    await diagnosticsWhen(editor, count(0));
  });

  it('has its own severity and least confidence in a folder', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const configuration = vscode.workspace.getConfiguration('glance', folder);
    const inFolder = await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, 'inventory.ts'), { preview: false });
    const [first] = await diagnosticsWhen(inFolder, (found) => found.length > 0);
    const label = String((first?.code as { value: string }).value);
    const set = (key: string, value: unknown): Thenable<void> => configuration.update(key, value, vscode.ConfigurationTarget.WorkspaceFolder);
    try {
      await set('comments.severity', { [label]: 'error' });
      await diagnosticsWhen(inFolder, (found) => found.some(({ severity }) => severity === vscode.DiagnosticSeverity.Error));
      await set('comments.minimumConfidence', 100);
      await diagnosticsWhen(inFolder, count(0));
    } finally {
      await set('comments.severity', undefined);
      await set('comments.minimumConfidence', undefined);
    }
    await diagnosticsWhen(inFolder, (found) => found.length > 0 && found.every(({ severity }) => severity === vscode.DiagnosticSeverity.Information));
  });
});

describe('what is said not to be debt', () => {
  it('outlives the window, as hashes, and can be restored', async () => {
    const stored = new Map<string, unknown>();
    const memory: vscode.Memento = {
      keys: () => [...stored.keys()],
      get: <T>(key: string, otherwise?: T) => (stored.get(key) as T | undefined) ?? otherwise,
      update: (key, value) => Promise.resolve(void stored.set(key, value)),
    };
    const notDebt = new NotDebt(memory);
    await notDebt.add('a text');
    await notDebt.add('a text');
    assert.doesNotMatch(JSON.stringify([...stored]), /a text/u);
    const later = new NotDebt(memory);
    assert.deepEqual([later.has('a text'), later.has('another')], [true, false]);
    const forgotten = await later.forget();
    assert.deepEqual([forgotten.length, later.has('a text'), new NotDebt(memory).has('a text')], [1, false, false]);
    await later.restore(forgotten);
    assert.ok(new NotDebt(memory).has('a text'));
  });
});

describe('code lenses', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  const SOURCE = `-- ${DEBT}\n\n-- ${DEBT} soon\nfunction f()\n  a = 1 -- ${DEBT} now\nend\n\nfunction g() -- adds two numbers\nend\n`;
  const lenses = async ({ document }: vscode.TextEditor): Promise<string[]> => {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
    return found.flatMap(({ command, range }) => (command && /debt/u.test(command.title) ? [`${range.start.line}: ${command.title}`] : [])).sort();
  };
  const symbols: vscode.DocumentSymbolProvider = {
    provideDocumentSymbols: () =>
      [['f', 3, 5], ['g', 7, 8]].map(([name, start, end]) => {
        const range = new vscode.Range(Number(start), 0, Number(end), 3);
        return new vscode.DocumentSymbol(String(name), '', vscode.SymbolKind.Function, range, range);
      }),
  };

  it('are off by default', async () => {
    const editor = await open(SOURCE, 'lua');
    await diagnosticsWhen(editor, count(3));
    assert.deepEqual(await lenses(editor), []);
  });

  it('sum up a file', async () => {
    const editor = await open(SOURCE, 'lua');
    await diagnosticsWhen(editor, count(3));
    await withSettings({ 'comments.codeLens': 'file' }, async () => assert.deepEqual(await lenses(editor), ['0: 3 comments admit debt']));
    const clean = await open('-- the number of items\n', 'lua');
    await vscode.commands.executeCommand('glance.classifyFile');
    await withSettings({ 'comments.codeLens': 'file' }, async () => assert.deepEqual(await lenses(clean), []));
  });

  it('sum up functions and the rest, or the file where no language extension tells functions', async () => {
    const editor = await open(SOURCE, 'lua');
    await diagnosticsWhen(editor, count(3));
    await withSettings({ '[lua].comments.codeLens': 'function' }, async () => {
      assert.deepEqual(await lenses(editor), ['0: 3 comments admit debt']);
      const provider = vscode.languages.registerDocumentSymbolProvider({ language: 'lua' }, symbols);
      try {
        assert.deepEqual(await lenses(editor), ['0: 1 comment outside of functions admits debt', '3: 2 comments admit debt']);
      } finally {
        provider.dispose();
      }
    });
  });
});
