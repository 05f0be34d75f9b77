import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Decision } from '../../src/core/exits/decision';
import { exampleLine, headerLine, parseTaughtTask, type Example } from '../../src/core/teach/taught-task';
import type { Taught } from '../../src/editor/teach/commands';
import type { TaughtDescription } from '../../src/engine/engine';
import { COLOURS_AND_TOOLS } from '../unit/taught-examples';
import { diagnosticsWhen, hoverText, open, withSettings, withWindow } from './editor';

const HEADER = { name: 'colours', title: 'Colours', texts: 'comments', silent: 'tool' } as const;

/** Where a taught task stands. */
function fileOf(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, '.vscode/glance', `${name}.jsonl`);
}

async function write(examples: readonly Example[], header: Parameters<typeof headerLine>[0] = HEADER): Promise<void> {
  await vscode.workspace.fs.writeFile(fileOf(header.name), new TextEncoder().encode(`${[headerLine(header), ...examples.map(exampleLine)].join('\n')}\n`));
}

const examplesIn = async (name: string): Promise<readonly Example[]> => parseTaughtTask(new TextDecoder().decode(await vscode.workspace.fs.readFile(fileOf(name)))).examples;

/** The labels of what is reported in an editor, but for debt. */
const taughtIn = (diagnostics: vscode.Diagnostic[]): vscode.Diagnostic[] => diagnostics.filter(({ message }) => message.startsWith('Colours: '));

describe('taught labels', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(fileOf('x'), '..'), { recursive: true }).then(undefined, () => undefined);
  });

  it('are taught by the comments that a selection touches', async () => {
    const editor = await open('// paint it red\nlet a = 1; // paint it green\nlet b = 2;\n// not this one\n');
    editor.selection = new vscode.Selection(0, 5, 1, 14);
    const taught = await vscode.commands.executeCommand<Taught>('glance.teachLabel', { task: 'Colours', label: 'colour', silent: 'tool' });
    assert.equal(taught.added, 2);
    assert.deepEqual(taught.missing, ['It needs two labels at least, and has only "colour".', '"tool", the label that is not reported, has no examples.', '"colour" has 2 of the 10 different examples that it needs.']);
    assert.deepEqual(await examplesIn('colours'), [{ text: 'paint it red', label: 'colour' }, { text: 'paint it green', label: 'colour' }]);
    // What is there already is not added again.
    assert.equal((await vscode.commands.executeCommand<Taught>('glance.teachLabel', { task: 'Colours', label: 'colour' })).added, 0);
  });

  it('are taught by several selections, or the comment at the cursor', async () => {
    const editor = await open('one line\nanother line\n', 'plaintext');
    editor.selections = [new vscode.Selection(0, 0, 0, 8), new vscode.Selection(1, 0, 1, 12)];
    assert.equal((await vscode.commands.executeCommand<Taught>('glance.teachLabel', { task: 'Lines', label: 'line', texts: 'any' })).added, 2);
    const code = await open('let a; // the oil is old\n');
    code.selection = new vscode.Selection(0, 12, 0, 12);
    assert.equal((await vscode.commands.executeCommand<Taught>('glance.teachLabel', { task: 'Lines too', label: 'line' })).added, 1);
  });

  it('are trained as soon as there are examples enough, with an estimate', async () => {
    await write(COLOURS_AND_TOOLS.slice(0, -1));
    const editor = await open('// a hammer and some nails\n');
    editor.selection = new vscode.Selection(0, 0, 0, 10);
    const { missing, description } = await vscode.commands.executeCommand<Taught>('glance.teachLabel', { task: 'Colours', label: 'tool' });
    assert.deepEqual(missing, []);
    assert.deepEqual(description?.estimate.labels.map(({ label, examples }) => [label, examples]), [['colour', 12], ['tool', 12]]);
    assert.ok((description?.estimate.exits.at(-1)?.accuracy ?? 0) > 0.8);
  });

  it('are reported as Information beside debt, and explained by a hover', async () => {
    await write(COLOURS_AND_TOOLS);
    const editor = await open('// TODO: this is an ugly hack, replace it\nfoo();\n// a dark red and light green wall\nbar();\n// use a wrench for the screw\n');
    const diagnostics = await diagnosticsWhen(editor, (found) => taughtIn(found).some(({ range }) => range.start.line === 2));
    assert.ok(diagnostics.some(({ message, range }) => range.start.line === 0 && /debt, \d+% sure/u.test(message)));
    const [finding] = taughtIn(diagnostics).filter(({ range }) => range.start.line === 2);
    assert.match(finding?.message ?? '', /^Colours: colour, \d+% sure, left at exit \d of \d$/u);
    assert.deepEqual([finding?.severity, finding?.code], [vscode.DiagnosticSeverity.Information, 'colour']);
    assert.ok(taughtIn(diagnostics).every(({ range }) => range.start.line !== 4), 'the silent label is not reported');
    assert.match(await hoverText(editor, new vscode.Position(2, 8)), /native engine[\s\S]*\| 0 \| colour \| \d+% \|[\s\S]*\| \d+\.\d% \|[\s\S]*Taught by examples: Colours\./u);
  });

  it('are reported no more when the model is not sure enough, or they are removed', async () => {
    await write(COLOURS_AND_TOOLS);
    const editor = await open('// a dark red and light green wall\n');
    const some = (found: vscode.Diagnostic[]): boolean => taughtIn(found).length > 0;
    await diagnosticsWhen(editor, some);
    await withSettings({ 'comments.minimumConfidence': 100 }, async () => void (await diagnosticsWhen(editor, (found) => !some(found))));
    await diagnosticsWhen(editor, some);
    assert.equal(await vscode.commands.executeCommand('glance.removeTaughtLabels', { task: 'Colours' }), 1);
    await diagnosticsWhen(editor, (found) => !some(found));
    await assert.rejects(examplesIn('colours'));
  });

  it('are listed by a scan of the workspace, beside debt', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, 'walls.ts');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('// a dark red and light green wall\nbar();\n// use a wrench for the screw\n'));
    const found = async (): Promise<string[]> => {
      await vscode.commands.executeCommand('glance.scanWorkspace');
      let items: readonly vscode.QuickPickItem[] = [];
      const pick = { value: 'wall red', set items(given: readonly vscode.QuickPickItem[]) { items = given; }, show: () => undefined, onDidChangeValue: () => undefined, onDidAccept: () => undefined, onDidHide: () => undefined };
      await withWindow({ createQuickPick: () => pick }, async () => void (await vscode.commands.executeCommand('glance.searchFindings')));
      return items.map(({ label, description, detail }) => `${detail}: ${label}: ${description?.replace(/\d+/u, 'N')}`);
    };
    try {
      await write(COLOURS_AND_TOOLS);
      assert.deepEqual(await found(), ['walls.ts:1: a dark red and light green wall: colour, N%']);
      await vscode.commands.executeCommand('glance.removeTaughtLabels', { task: 'Colours' });
      assert.deepEqual(await found(), []);
    } finally {
      await vscode.workspace.fs.delete(uri);
    }
  });

  it('leave a text early where a policy lets them', async () => {
    await write(COLOURS_AND_TOOLS);
    await withSettings({ 'exit.policy': 'max-probability', 'exit.threshold': 0.1 }, async () => {
      const editor = await open('// a dark red and light green wall\n');
      await diagnosticsWhen(editor, (found) => taughtIn(found).some(({ message }) => message.includes('left at exit 0 of')));
    });
  });

  it('are what a selection is classified for, when asked', async () => {
    await write(COLOURS_AND_TOOLS, { ...HEADER, texts: 'any' });
    const editor = await open('a violet flower\n', 'plaintext');
    editor.selection = new vscode.Selection(0, 0, 0, 15);
    assert.equal((await vscode.commands.executeCommand<Decision>('glance.classifySelection', { task: 'Colours' })).label, 'colour');
    assert.equal((await vscode.commands.executeCommand<Decision>('glance.classifySelection', { task: 'comment-debt' })).label, 'none');
  });

  it('are shown as a report in a Markdown preview', async () => {
    await write(COLOURS_AND_TOOLS);
    const description = await vscode.commands.executeCommand<TaughtDescription>('glance.showTaughtLabels', { task: 'Colours' });
    assert.equal(description.task.labels.length, 2);
    const report = await vscode.workspace.openTextDocument(vscode.Uri.parse('glance-report:/colours.md'));
    assert.match(report.getText(), /^# Colours\n[\s\S]*Right for \d+% of 24 examples/u);
    assert.ok(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => label.includes('colours.md')));
  });

  it('that cannot be read are left alone, and the others go on', async () => {
    await write(COLOURS_AND_TOOLS);
    await vscode.workspace.fs.writeFile(fileOf('broken'), new TextEncoder().encode('{'));
    const editor = await open('// a dark red and light green wall\n');
    await diagnosticsWhen(editor, (found) => taughtIn(found).length > 0);
  });
});
