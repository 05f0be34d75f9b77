import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../package.json';

describe('the extension in its host @newest', () => {
  const extension = vscode.extensions.getExtension(`${manifest.publisher}.${manifest.name}`);

  it('is installed and activates', async () => {
    assert.ok(extension, 'VS Code does not know the extension');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('runs with the example folder open', () => {
    assert.deepEqual(vscode.workspace.workspaceFolders?.map(({ name }) => name), ['examples']);
  });

  it('registers the commands of its manifest, and no others', async () => {
    // Views bring commands of their own, glance.VIEW.focus and the like.
    const registered = (await vscode.commands.getCommands(true)).filter((command) => /^glance\.\w+$/u.test(command));
    assert.deepEqual(registered.sort(), manifest.contributes.commands.map(({ command }) => command).sort());
  });
});
