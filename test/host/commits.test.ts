import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { InsertedType } from '../../src/editor/commits/insert-type';
import { whyNoGit, type GitRepository } from '../git-repository';
import { codeActionsWhen, diagnosticsOf, diagnosticsWhen, hoverText, hoverWhen, open, withSettings } from './editor';
import { OpenRepositories, type Opened } from './open-repositories';

const none = (diagnostics: vscode.Diagnostic[]): boolean => diagnostics.length === 0;
const information = ([diagnostic]: vscode.Diagnostic[]): boolean => diagnostic?.severity === vscode.DiagnosticSeverity.Information;
const warning = ([diagnostic]: vscode.Diagnostic[]): boolean => diagnostic?.severity === vscode.DiagnosticSeverity.Warning;

/** Nothing that could be taken for a feature. */
const DOCUMENTATION = 'fix a typo in the installation section of the README';

/** What git puts below a message that is being edited. */
const STATUS = '\n# Please enter the commit message\n#\n# Changes to be committed:\n#\tmodified:   README.md\n#\n';

async function fixesOf(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
  const [diagnostic] = diagnosticsOf({ document });
  assert.ok(diagnostic);
  return codeActionsWhen({ document }, diagnostic.range, ({ length }) => length > 0);
}

async function apply({ edit, command }: vscode.CodeAction): Promise<void> {
  if (edit) {
    await vscode.workspace.applyEdit(edit);
  }
  if (command) {
    await vscode.commands.executeCommand(command.command, ...(command.arguments as unknown[]));
  }
}

async function typesOffered(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.CompletionItem[]> {
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, position);
  return items.filter(({ kind }) => kind === vscode.CompletionItemKind.EnumMember);
}

const labelOf = ({ label }: vscode.CompletionItem): string => (typeof label === 'string' ? label : label.label);

async function write(editor: vscode.TextEditor, text: string): Promise<void> {
  await editor.edit((edit) => edit.replace(new vscode.Range(0, 0, editor.document.lineCount, 0), text));
}

/** Closes the editors, and waits until their documents are gone: VS Code is to give none of them, or their names, to the next test. */
async function closeAll(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const isOpen = (): boolean => vscode.workspace.textDocuments.some(({ languageId }) => languageId === 'git-commit');
  while (isOpen()) {
    await new Promise((resolve) => {
      const subscription = vscode.workspace.onDidCloseTextDocument((document) => resolve((subscription.dispose(), document)));
    });
  }
}

describe('COMMIT_EDITMSG', () => {
  afterEach(closeAll);

  it('has a Warning where a confident prediction disagrees with the type, which a quick fix corrects', async () => {
    const editor = await open(`feat(web)!: ${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    const [diagnostic] = await diagnosticsWhen(editor, warning);
    assert.match(diagnostic?.message ?? '', /^Typed as "feat", but reads like docs: Documentation, \d+% sure, left at exit \d of \d$/u);
    assert.equal(diagnostic && editor.document.getText(diagnostic.range), 'feat');
    const [fix] = await fixesOf(editor.document);
    assert.equal(fix?.title, 'Change type to "docs"');
    await apply(fix);
    assert.equal(editor.document.lineAt(0).text, `docs(web)!: ${DOCUMENTATION}`);
    await diagnosticsWhen(editor, none);
  });

  it('has none where its author keeps the type, until it is another', async () => {
    const editor = await open(`feat: ${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    await diagnosticsWhen(editor, warning);
    const keep = (await fixesOf(editor.document)).find(({ title }) => title === 'Keep type "feat" for this message');
    assert.ok(keep);
    await apply(keep);
    await diagnosticsWhen(editor, none);
    await write(editor, `ci: ${DOCUMENTATION}\n${STATUS}`);
    await diagnosticsWhen(editor, warning);
  });

  it('has none for another spelling, a type that only the project knows, what git writes, or what does not say enough yet', async () => {
    const editor = await open(`feat: ${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    for (const quiet of [`Doc: ${DOCUMENTATION}`, `deps: ${DOCUMENTATION}`, `fixup! feat: ${DOCUMENTATION}`, "Merge branch 'docs'", 'feat: README']) {
      await diagnosticsWhen(editor, warning);
      await write(editor, `${quiet}\n${STATUS}`);
      await diagnosticsWhen(editor, none);
      await write(editor, `feat: ${DOCUMENTATION}\n${STATUS}`);
    }
  });

  it('is explained by a hover on its type: what each exit answered, and what was read', async () => {
    await withSettings({ 'exit.policy': 'full', 'commits.minimumConfidence': 50 }, async () => {
      const editor = await open(`feat: ${DOCUMENTATION}\n${STATUS}`, 'git-commit');
      await diagnosticsWhen(editor, warning);
      const text = await hoverText(editor, new vscode.Position(0, 1));
      assert.match(text, /native engine\s+Read: the message and the kinds of the changed files \(1\)\s[\s\S]*\| 0 \| [\w ]+ \| \d+% \|[\s\S]*\| \d,\staken \| Documentation \| \d+% \|/u);
      assert.doesNotMatch(await hoverText(editor, new vscode.Position(0, 12)), /Confidence/u);
    });
  });

  it('is offered the types at its start, the most probable first and preselected', async () => {
    const editor = await open(`${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    const items = await typesOffered(editor.document, new vscode.Position(0, 0));
    assert.equal(items.length, 11);
    const [first, second] = items;
    assert.ok(first && second);
    assert.deepEqual([labelOf(first), first.preselect, first.insertText], ['docs', true, 'docs: ']);
    assert.match(first.detail ?? '', /^Documentation, \d+% sure$/u);
    assert.ok(!second.preselect);
    // Paths alone give an order, and no confidence.
    await write(editor, `\n${STATUS}`);
    const [guess] = await typesOffered(editor.document, new vscode.Position(0, 0));
    assert.deepEqual([guess && labelOf(guess), guess?.detail], ['docs', 'Documentation']);
    await write(editor, `${DOCUMENTATION}\n${STATUS}`);
    assert.equal((await typesOffered(editor.document, new vscode.Position(0, 10))).length, 0);
    assert.equal((await typesOffered(editor.document, new vscode.Position(2, 0))).length, 0);
    await write(editor, `feat(web): ${DOCUMENTATION}\n${STATUS}`);
    assert.deepEqual((await typesOffered(editor.document, new vscode.Position(0, 2))).map(({ insertText }) => insertText)[0], 'docs');
  });

  it('gets its type by Insert Commit Type', async () => {
    const editor = await open(`${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    assert.deepEqual(await vscode.commands.executeCommand<InsertedType>('glance.insertCommitType'), { type: 'docs', changed: true });
    assert.equal(editor.document.lineAt(0).text, `docs: ${DOCUMENTATION}`);
    assert.deepEqual(await vscode.commands.executeCommand<InsertedType>('glance.insertCommitType'), { type: 'docs', changed: false });
    for (const left of ['fixup! feat: a knob', `deps: ${DOCUMENTATION}`, 'feat: README', `\n${STATUS}`]) {
      await write(editor, left);
      assert.equal(await vscode.commands.executeCommand('glance.insertCommitType'), undefined);
      assert.equal(editor.document.getText(), left);
    }
  });

  it('glance.commits.check has all messages checked, or none', async () => {
    const editor = await open(`${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    await withSettings({ 'commits.check': 'always' }, async () => {
      const [diagnostic] = await diagnosticsWhen(editor, information);
      assert.match(diagnostic?.message ?? '', /^No type yet; reads like docs: Documentation, \d+% sure, left at exit \d of \d$/u);
    });
    await diagnosticsWhen(editor, none);
    await write(editor, `feat: ${DOCUMENTATION}\n${STATUS}`);
    await diagnosticsWhen(editor, warning);
    await withSettings({ 'commits.check': 'never' }, async () => {
      await diagnosticsWhen(editor, none);
      assert.equal((await typesOffered(editor.document, new vscode.Position(0, 0))).length, 0);
    });
  });

  it('glance.commits.minimumConfidence says how sure a contradiction must be', async () => {
    const editor = await open(`feat: ${DOCUMENTATION}\n${STATUS}`, 'git-commit');
    await diagnosticsWhen(editor, warning);
    await withSettings({ 'commits.minimumConfidence': 100 }, async () => void (await diagnosticsWhen(editor, none)));
    await diagnosticsWhen(editor, warning);
  });

  it('has no commit box or history to work on without a repository', async () => {
    assert.equal(await vscode.commands.executeCommand('glance.insertCommitType'), undefined);
    assert.equal(await vscode.commands.executeCommand('glance.classifyHistory', 10), undefined);
  });
});

describe('the commit box of a repository', () => {
  let repositories: OpenRepositories | undefined;
  let made: GitRepository;
  let conventional: Opened;
  let other: Opened;

  before(async function () {
    const reason = whyNoGit();
    if (reason) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    repositories = await OpenRepositories.start();
    ({ made, repository: conventional } = await repositories.open([
      ['feature: add the knob', 'src/knob.ts'],
      ['deps: raise zod', 'package.json'],
      ['mend the crash when the list of items is empty', 'src/list.ts'],
      ['feature(list)!: sort by name', 'src/list.ts'],
      ['fixup! feature: add the knob', 'src/knob.ts'],
    ]));
    ({ repository: other } = await repositories.open([['Add the knob', 'src/knob.ts'], ['Mend the list', 'src/list.ts']]));
    await vscode.commands.executeCommand('workbench.view.scm');
  });
  after(async () => {
    await repositories?.end();
    await vscode.commands.executeCommand('workbench.view.explorer');
  });
  afterEach(async () => {
    conventional.inputBox.value = '';
    other.inputBox.value = '';
    // What is said of the last message is not to be taken for what is said of the next.
    await diagnosticsWhen(boxOf(conventional), none);
    await diagnosticsWhen(boxOf(other), none);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  function boxOf({ rootUri }: Opened): { document: vscode.TextDocument } {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'vscode-scm' && decodeURIComponent(uri.query).includes(rootUri.toString()));
    assert.ok(document, 'the editor shows no commit box');
    return { document };
  }

  it('has the type of a message without one as Information, and a quick fix that inserts it', async () => {
    conventional.inputBox.value = DOCUMENTATION;
    const box = boxOf(conventional);
    const [diagnostic] = await diagnosticsWhen(box, information);
    assert.equal(diagnostic && box.document.getText(diagnostic.range), 'fix');
    const [fix, ...more] = await fixesOf(box.document);
    assert.ok(fix && more.length === 0);
    await apply(fix);
    assert.equal(box.document.getText(), `docs: ${DOCUMENTATION}`);
    await diagnosticsWhen(box, none);
  });

  it('is silent where the history does not follow Conventional Commits, unless asked', async () => {
    other.inputBox.value = `feat: ${DOCUMENTATION}`;
    await withSettings({ 'commits.check': 'always', 'commits.minimumConfidence': 50 }, async () => void (await diagnosticsWhen(boxOf(other), warning)));
    await diagnosticsWhen(boxOf(other), none);
  });

  it("is offered the project's own spellings and types", async () => {
    conventional.inputBox.value = 'add a button';
    const items = (await typesOffered(boxOf(conventional).document, new vscode.Position(0, 0))).map(labelOf);
    assert.ok(items.includes('feature') && !items.includes('feat'), items.join());
    assert.equal(items.at(-1), 'deps');
  });

  it('reads what is staged or, with nothing staged, what is changed', async () => {
    const box = boxOf(conventional);
    made.write('README.md', 'Install it.');
    made.write('docs/usage.md', 'Use it.');
    await conventional.status();
    conventional.inputBox.value = DOCUMENTATION;
    await hoverWhen(box, new vscode.Position(0, 0), /the kinds of the changed files \(2\)/u);
    made.git('add', 'README.md');
    await conventional.status();
    await hoverWhen(box, new vscode.Position(0, 0), /the kinds of the changed files \(1\)/u);
  });

  it('gets its type by Insert Commit Type from the title of the Source Control view', async () => {
    conventional.inputBox.value = `feat: ${DOCUMENTATION}`;
    assert.deepEqual(await vscode.commands.executeCommand<InsertedType>('glance.insertCommitType', { rootUri: conventional.rootUri }), { type: 'docs', changed: true });
    assert.equal(conventional.inputBox.value, `docs: ${DOCUMENTATION}`);
  });

  it('has release notes drafted from its history', async () => {
    await vscode.commands.executeCommand('workbench.view.scm');
    const { rootUri } = conventional;
    const notes = await vscode.commands.executeCommand<vscode.TextDocument>('glance.classifyHistory', 10, { rootUri });
    assert.equal(notes.languageId, 'markdown');
    const text = notes.getText();
    assert.match(text, new RegExp(`^# Release notes: ${path.basename(rootUri.path)}\n`, 'u'));
    assert.match(text, /Types given by their authors: 3\. Predicted, and marked so: 1; .* Left out, as merges or to be squashed: 1\./u);
    assert.match(text, /## Breaking changes\n\n- \*\*list:\*\* sort by name \(\w{7}\)\n\n## Features\n\n- \*\*list:\*\* sort by name[^\n]*\n- add the knob/u);
    assert.match(text, /- mend the crash when the list of items is empty \(\w{7}\) \*\(predicted, \d+% sure\)\*/u);
    assert.match(text, /## deps\n\n- raise zod/u);
  });
});
