/** Steps of the tests inside the extension host. They wait for changes, never for time. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

/** Milliseconds after which what is waited for will not come, however slow the machine. */
export const LONG_ENOUGH = 60_000;

/** A document in an editor of its own. */
export async function open(content: string, language = 'typescript'): Promise<vscode.TextEditor> {
  const lines = (text: string): string => text.replace(/\r\n?/gu, '\n');
  for (let attempt = 1; ; attempt += 1) {
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
    if (lines(editor.document.getText()) === lines(content)) {
      return editor;
    }
    // VS Code 1.139 now and then gives it the text of the document that had its name (Untitled-1) a moment before, from a backup.
    assert.ok(attempt < 5, `The document has another text: ${editor.document.getText()}`);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
}

/** A file of the example folder in an editor. */
export async function openExample(name: string): Promise<vscode.TextEditor> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  return vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, name));
}

/** What has a document: an editor, a cell of a notebook, a commit box. */
type WithDocument = Pick<vscode.TextEditor, 'document'>;

/** Glance's diagnostics of a document, in order of line. */
export function diagnosticsOf({ document }: WithDocument): vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ source }) => source === 'Glance')
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}

/** Waits until a document's diagnostics are as wanted. @throws after a time in which nothing can still be on its way, with what they were. */
export async function diagnosticsWhen(editor: WithDocument, wanted: (diagnostics: vscode.Diagnostic[]) => boolean): Promise<vscode.Diagnostic[]> {
  const waited = new Promise<void>((resolve, reject) => {
    const check = (): void => {
      if (wanted(diagnosticsOf(editor))) {
        subscription.dispose();
        clearTimeout(limit);
        resolve();
      }
    };
    const subscription = vscode.languages.onDidChangeDiagnostics(check);
    const limit = setTimeout(() => {
      subscription.dispose();
      reject(new Error(`The diagnostics stayed ${JSON.stringify(diagnosticsOf(editor).map(({ message }) => message))}`));
    }, LONG_ENOUGH);
    check();
  });
  await waited;
  return diagnosticsOf(editor);
}

/** What the hovers at a position say, all of them. */
export async function hoverText({ document }: WithDocument, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
  return hovers.flatMap(({ contents }) => contents).map((content) => (typeof content === 'string' ? content : content.value)).join('\n');
}

/** Waits until the hovers at a position are as wanted. @throws after LONG_ENOUGH, with what they were. */
export async function hoverWhen(editor: WithDocument, position: vscode.Position, wanted: RegExp): Promise<string> {
  const limit = Date.now() + LONG_ENOUGH;
  for (;;) {
    const text = await hoverText(editor, position);
    if (wanted.test(text)) {
      return text;
    }
    assert.ok(Date.now() < limit, `The hover stayed: ${text}`);
    await sleep(20);
  }
}

/**
 * Waits until the code actions at a place are as wanted. While another extension registers actions of its own, VS Code gives none, or says that the request
 * was cancelled. @throws after LONG_ENOUGH, with what they were.
 */
export async function codeActionsWhen({ document }: WithDocument, range: vscode.Range, wanted: (actions: vscode.CodeAction[]) => boolean, kind?: vscode.CodeActionKind): Promise<vscode.CodeAction[]> {
  const limit = Date.now() + LONG_ENOUGH;
  for (;;) {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range, kind?.value).then(undefined, (error: unknown) => {
      assert.match(String(error), /cancell?ed/iu);
      return [];
    });
    if (wanted(actions)) {
      return actions;
    }
    assert.ok(Date.now() < limit, `The code actions stayed: ${actions.map(({ title }) => title).join(', ')}`);
    await sleep(20);
  }
}

/** Puts something else in the place of one of the functions of `vscode.window` for the time of a test: nobody is there to press a button. */
export async function withWindow(functions: Partial<Record<keyof typeof vscode.window, unknown>>, test: () => Promise<void>): Promise<void> {
  const { window } = vscode;
  const before = Object.fromEntries(Object.keys(functions).map((name) => [name, window[name as keyof typeof window]]));
  Object.assign(window, functions);
  try {
    await test();
  } finally {
    Object.assign(window, before);
  }
}

/** Sets settings of Glance for the time of a test. */
export async function withSettings(settings: Readonly<Record<string, unknown>>, test: () => Promise<void>): Promise<void> {
  await update(settings);
  try {
    await test();
  } finally {
    await update(Object.fromEntries(Object.keys(settings).map((key) => [key, undefined])));
  }
}

/** Keys such as `exit.policy`, or `[sql].comments.run` for one language. */
async function update(settings: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [key, value] of Object.entries(settings)) {
    const [, languageId, name] = /^(?:\[(\w+)\]\.)?(.+)$/u.exec(key) ?? [];
    const configuration = vscode.workspace.getConfiguration('glance', languageId ? { languageId } : undefined);
    await configuration.update(name ?? key, value, vscode.ConfigurationTarget.Global, languageId !== undefined);
  }
}

/** The root of the extension under test. */
export function extensionPath(): string {
  const extension = vscode.extensions.getExtension('glance-project.glance');
  assert.ok(extension);
  return path.resolve(extension.extensionPath);
}
