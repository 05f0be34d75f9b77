/** Repositories that VS Code's Git extension, which these tests' profile has switched off, opens for the time of some tests. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { GitRepository, type CommitMade } from '../git-repository';

/** What these tests use of the Git extension's API. */
interface GitApi {
  openRepository(root: vscode.Uri): Promise<Opened | null>;
}
interface GitExtension {
  readonly enabled: boolean;
  readonly onDidChangeEnablement: vscode.Event<boolean>;
  getAPI(version: 1): GitApi;
}

/** A repository as the Git extension sees it. */
export interface Opened {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  status(): Promise<void>;
}

export class OpenRepositories {
  private readonly opened: { readonly made: GitRepository; readonly repository: Opened }[] = [];

  private constructor(private readonly git: GitApi) {}

  /** Switches the Git extension on, which takes a while. */
  static async start(): Promise<OpenRepositories> {
    const settings = vscode.workspace.getConfiguration('git', null);
    await settings.update('enabled', true, vscode.ConfigurationTarget.Global);
    // These repositories lie outside the workspace.
    await settings.update('openRepositoryInParentFolders', 'always', vscode.ConfigurationTarget.Global);
    const extension = await vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate();
    assert.ok(extension);
    while (!extension.enabled) {
      await new Promise((resolve) => extension.onDidChangeEnablement(resolve));
    }
    return new OpenRepositories(extension.getAPI(1));
  }

  /** Makes a repository with a history, and opens it. */
  async open(history: readonly CommitMade[]): Promise<{ readonly made: GitRepository; readonly repository: Opened }> {
    const made = new GitRepository(history);
    const repository = await this.git.openRepository(vscode.Uri.file(made.folder));
    assert.ok(repository);
    const opened = { made, repository };
    this.opened.push(opened);
    await repository.status();
    return opened;
  }

  /** Closes and removes them, and switches the Git extension off again. */
  async end(): Promise<void> {
    for (const { made, repository } of this.opened) {
      await vscode.commands.executeCommand('git.close', repository);
      made.remove();
    }
    const settings = vscode.workspace.getConfiguration('git', null);
    await settings.update('openRepositoryInParentFolders', undefined, vscode.ConfigurationTarget.Global);
    await settings.update('enabled', false, vscode.ConfigurationTarget.Global);
  }
}
