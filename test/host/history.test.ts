import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Git, Repository } from '../../src/editor/commits/git';
import { History } from '../../src/editor/commits/history';
import { Settings } from '../../src/editor/settings';
import type { Engine } from '../../src/engine/engine';
import { withWindow } from './editor';

describe('classifying a history', () => {
  const settings = new Settings();
  const commit = { hash: 'a1b2c3d', message: 'mend the list', parents: [] };
  const repository = { rootUri: vscode.Uri.file('/somewhere'), log: () => Promise.resolve([commit]) } as unknown as Repository;
  const git = { whyNone: () => Promise.resolve(undefined), repositories: () => Promise.resolve([repository]), repositoryAt: () => Promise.resolve(repository) } as unknown as Git;
  after(() => settings.dispose());

  it('opens and tells nothing when it is cancelled', async () => {
    const cancellation = new vscode.CancellationTokenSource();
    let aborted = false;
    const engine = {
      // Its user cancels while the engine is at work.
      classify: (_request: unknown, signal: AbortSignal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => ((aborted = true), reject(new Error('aborted'))));
          cancellation.cancel();
        }),
    } as unknown as Engine;
    const told: unknown[] = [];
    const cancellables: unknown[] = [];
    const withProgress = ({ cancellable }: vscode.ProgressOptions, task: (progress: unknown, token: vscode.CancellationToken) => unknown): unknown => {
      cancellables.push(cancellable);
      return task({ report: () => undefined }, cancellation.token);
    };
    await withWindow({ withProgress, showErrorMessage: (message: unknown) => void told.push(message) }, async () => {
      const documents = vscode.workspace.textDocuments.length;
      assert.equal(await new History(engine, git, settings).run(10, { rootUri: repository.rootUri }), undefined);
      assert.equal(vscode.workspace.textDocuments.length, documents);
    });
    assert.deepEqual([cancellables, aborted, told], [[true], true, []]);
  });
});
