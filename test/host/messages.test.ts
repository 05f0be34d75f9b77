import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Conventions } from '../../src/core/commits/conventions';
import type { CommitClassifier } from '../../src/editor/commits/commit-classifier';
import type { Git, Repository } from '../../src/editor/commits/git';
import { Messages } from '../../src/editor/commits/messages';
import type { SituatedMessage } from '../../src/editor/commits/situated-message';
import type { Settings } from '../../src/editor/settings';
import { open } from './editor';

describe('the messages of commits', () => {
  it('are classified with what is staged now, not when their history began to be read', async () => {
    const log = vscode.window.createOutputChannel('Test', { log: true });
    const changed = new vscode.EventEmitter<void>();
    const rootUri = vscode.Uri.file('/repository');
    const indexChanges: { readonly uri: vscode.Uri; readonly status: number }[] = [];
    const repository: Repository = {
      rootUri,
      inputBox: { value: '' },
      state: { HEAD: { commit: 'c' }, indexChanges, workingTreeChanges: [], onDidChange: changed.event },
      ui: { selected: true },
      log: () => Promise.resolve([]),
      diffBetween: () => Promise.resolve([]),
    };
    const git = {
      repositoryOf: () => Promise.resolve(repository),
      conventionsOf: (): Promise<Conventions | undefined> => {
        if (indexChanges.length === 0) {
          indexChanges.push({ uri: vscode.Uri.joinPath(rootUri, 'src/dates.ts'), status: 0 });
          changed.fire();
        }
        return Promise.resolve(undefined);
      },
    } as unknown as Git;
    const settings = { onDidChange: () => ({ dispose: () => undefined }), commitCheck: () => 'always', commitMinimumConfidence: () => 0.8 } as unknown as Settings;
    let classified: (paths: readonly string[]) => void = () => undefined;
    const paths = new Promise<readonly string[]>((resolve) => (classified = resolve));
    const classifier = {
      classify: (message: SituatedMessage) => {
        classified(message.paths);
        return Promise.resolve({ decision: { label: 'fix', labels: ['fix'], confidence: 0.9 }, promise: undefined });
      },
    } as unknown as CommitClassifier;
    await open('repair the parser of dates\n', 'git-commit');
    const messages = new Messages(classifier, git, settings, log);
    try {
      assert.deepEqual(await paths, ['src/dates.ts']);
    } finally {
      messages.dispose();
      log.dispose();
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });
});
