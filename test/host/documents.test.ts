import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Decision } from '../../src/core/exits/decision';
import type { Outcome } from '../../src/editor/answers/document-answers';
import { Documents, type ClassifiedDocument } from '../../src/editor/documents/documents';
import { Settings } from '../../src/editor/settings';
import type { Engine } from '../../src/engine/engine';
import manifest from '../../package.json';
import { LAST_EXIT } from '../last-exit';
import { codeActionsWhen, diagnosticsWhen, hoverText, hoverWhen, open, openExample, withSettings } from './editor';

const README = '# Foo\n\nFoo turns bars into bazes, faster than others.\n\n## Usage\n\n```sh\nnpm install foo\nfoo bar\n```\n\n## License\n\nMIT, by the authors.\n';

async function missing(): Promise<readonly string[] | undefined> {
  const found = await vscode.commands.executeCommand<readonly string[] | undefined>('glance.whatIsMissing');
  await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  return found;
}

describe('sections of Markdown documents', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('are explained by a hover on the heading: what each exit answered, up to the one taken @newest', async () => {
    await withSettings({ 'exit.policy': 'full' }, async () => {
      const editor = await open(README, 'markdown');
      const text = await hoverWhen(editor, new vscode.Position(4, 3), new RegExp(`Left at exit ${LAST_EXIT} of ${LAST_EXIT}`, 'u'));
      for (let exit = 0; exit <= LAST_EXIT; exit += 1) {
        assert.match(text, new RegExp(`\\| ${exit}(?:,\\staken)? \\| [\\w +]+ \\| \\d+% \\|`, 'u'));
      }
      assert.match(text, /after \d+\.\d ms, native engine/u);
      assert.match(text, /says how to install, set up or use it/u);
      assert.doesNotMatch(await hoverText(editor, new vscode.Position(6, 3)), /Left at exit/u);
    });
  });

  it('follow edits, and the language of the document', async () => {
    const editor = await open(README, 'plaintext');
    const heading = new vscode.Position(4, 3);
    assert.doesNotMatch(await hoverText(editor, heading), /Left at exit/u);
    await vscode.languages.setTextDocumentLanguage(editor.document, 'markdown');
    await hoverWhen(editor, heading, /how to install, set up or use/u);
    await editor.edit((edit) => edit.replace(new vscode.Range(4, 0, 10, 0), '## Contributing\n\nPull requests are welcome. Fork it and open a pull request.\n'));
    await hoverWhen(editor, heading, /how to contribute/u);
  });

  it('are shown or not, as glance.documents.sections says', async () => {
    const editor = await open(README, 'markdown');
    const heading = new vscode.Position(4, 3);
    await hoverWhen(editor, heading, /Left at exit/u);
    await withSettings({ 'documents.sections': 'off' }, async () => {
      await hoverWhen(editor, heading, /^(?![^]*Left at exit)/u);
    });
    await withSettings({ '[markdown].documents.sections': 'off' }, async () => {
      await hoverWhen(editor, heading, /^(?![^]*Left at exit)/u);
    });
    await hoverWhen(editor, heading, /Left at exit/u);
    assert.deepEqual(manifest.contributes.configuration.properties['glance.documents.sections'].enum, ['decorations', 'off']);
  });

  it('have a view in the explorer', async () => {
    await open(README, 'markdown');
    await vscode.commands.executeCommand('glance.sections.focus');
  });
});

describe('the watch on Markdown documents', () => {
  const settings = new Settings();
  const log = vscode.window.createOutputChannel('Glance test', { log: true });
  let asked: string[][];
  let documents: Documents;
  const decision: Decision = { label: 'how', labels: ['how'], confidence: 0.9, exit: 0, lastExit: 3, milliseconds: 1, exitMilliseconds: [1], engine: 'native', trace: [{ exit: 0, label: 'how', labels: ['how'], confidence: 0.9, entropy: 0, probabilities: [0, 0, 0.9] }] };
  const engine = {
    classify: ({ texts }: { readonly texts: readonly string[] }) => {
      asked.push([...texts]);
      return Promise.resolve(texts.map(() => decision));
    },
    describe: () => Promise.resolve({ tasks: [], notTaken: [], degraded: false, backend: 'native', name: '', version: '' }),
  } as unknown as Engine;

  beforeEach(() => {
    asked = [];
    documents = new Documents(engine, settings, log);
  });
  afterEach(async () => {
    documents.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(() => {
    settings.dispose();
    log.dispose();
  });

  async function outcomeOf({ document }: vscode.TextEditor): Promise<Outcome<ClassifiedDocument>> {
    for (;;) {
      const outcome = documents.of(document);
      if (outcome) {
        return outcome;
      }
      await new Promise<void>((resolve) => {
        const subscription = documents.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
  }

  it('asks for all sections, and after an edit for those that have changed', async () => {
    const editor = await open('# A\n\na\n\n## B\n\nb\n', 'markdown');
    await outcomeOf(editor);
    await editor.edit((edit) => edit.insert(new vscode.Position(6, 1), ' and c'));
    // What is being edited keeps its answer.
    assert.deepEqual(documents.sectionsOf(editor.document).map(({ section }) => section.text.trim()), ['a', 'b and c']);
    await outcomeOf(editor);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n\n'));
    await outcomeOf(editor);
    assert.deepEqual(asked, [['A [SEP] a', 'B [SEP] b'], ['B [SEP] b and c']]);
  });

  it('asks anew when answers may be others', async () => {
    const editor = await open('# A\n\na\n', 'markdown');
    await outcomeOf(editor);
    const again = new Promise<void>((resolve) => documents.onDidChange((document) => void (asked.length === 2 && !documents.isBusy(document) && resolve())));
    documents.refreshAll();
    await again;
    assert.deepEqual(asked, [['A [SEP] a'], ['A [SEP] a']]);
  });

  it('refuses documents that are far too long', async () => {
    const outcome = await outcomeOf(await open('# A\n\n' + 'word '.repeat(200_000), 'markdown'));
    assert.ok(outcome.kind === 'refused' && /1\.0 million characters/u.test(outcome.reason));
    assert.deepEqual(asked, []);
  });

  it('leaves other languages and cells of notebooks alone', async () => {
    await open('# A\n\na\n', 'plaintext');
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, '# A\n\na\n', 'markdown');
    const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', new vscode.NotebookData([cell]));
    await vscode.window.showNotebookDocument(notebook);
    const editor = await open('# B\n\nb\n', 'markdown');
    await outcomeOf(editor);
    assert.deepEqual(asked, [['B [SEP] b']]);
  });
});

describe('what is missing in a README', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('is listed by the command in any Markdown document', async () => {
    await open(README, 'markdown');
    assert.deepEqual(await missing(), ['contributing']);
    await withSettings({ 'documents.sections': 'off', 'documents.missing': 'off' }, async () => {
      assert.deepEqual(await missing(), ['contributing']);
    });
  });

  it('is not told of other documents', async () => {
    await open(README, 'plaintext');
    assert.equal(await missing(), undefined);
    await open(`# Foo\n\n${'Dieses Werkzeug liest Kommentare und zeigt diejenigen an, die etwas zugeben. '.repeat(6)}\n`, 'markdown');
    assert.equal(await missing(), undefined);
  });

  it('is hinted at on the title of the README of the folder, with quick fixes, only where glance.documents.missing says so', async () => {
    const editor = await openExample('README.md');
    await diagnosticsWhen(editor, (diagnostics) => diagnostics.length === 0);
    await withSettings({ 'documents.missing': 'hint' }, async () => {
      const [diagnostic] = await diagnosticsWhen(editor, (diagnostics) => diagnostics.length === 1);
      assert.ok(diagnostic);
      assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Hint);
      assert.match(diagnostic.message, /seems to lack: .*licence/u);
      assert.equal(diagnostic.range.start.line, 0);
      const adds = ({ title }: vscode.CodeAction): boolean => /"Licen[cs]e"/u.test(title);
      const action = (await codeActionsWhen(editor, diagnostic.range, (actions) => actions.some(adds))).find(adds);
      assert.ok(action?.edit);
      const before = editor.document.getText();
      assert.ok(await vscode.workspace.applyEdit(action.edit));
      assert.match(editor.document.getText(), /\n## Licen[cs]e\n\nName the licence/u);
      await diagnosticsWhen(editor, ([left]) => !left || !/licence/u.test(left.message));
      await editor.edit((edit) => edit.replace(new vscode.Range(0, 0, editor.document.lineCount, 0), before));
      await editor.document.save();
    });
    await diagnosticsWhen(editor, (diagnostics) => diagnostics.length === 0);
    assert.deepEqual(manifest.contributes.configuration.properties['glance.documents.missing'].enum, ['status', 'hint', 'off']);
  });

  it('is not hinted at in documents other than that README', async () => {
    await withSettings({ 'documents.missing': 'hint' }, async () => {
      const editor = await open('# Foo\n\nbar\n', 'markdown');
      await hoverWhen(editor, new vscode.Position(0, 3), /Left at exit/u);
      assert.deepEqual(vscode.languages.getDiagnostics(editor.document.uri), []);
    });
  });
});
