import path from 'node:path';
import * as vscode from 'vscode';
import { conventionsOf, type Conventions } from '../../core/commits/conventions';

/** Messages of a history that its conventions are read off. */
const MESSAGES = 50;

/** Processes of git's at a time. */
export const CONCURRENCY = 4;

/** What is used of the API that VS Code's Git extension exports, version 1. */
interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

interface GitApi {
  readonly repositories: readonly Repository[];
  /** The repository that a file is in. */
  getRepository(uri: vscode.Uri): Repository | null;
}

/** A repository that is open in the editor. */
export interface Repository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: {
    readonly HEAD: { readonly commit?: string } | undefined;
    readonly indexChanges: readonly Change[];
    readonly workingTreeChanges: readonly Change[];
    readonly onDidChange: vscode.Event<void>;
  };
  readonly ui: { readonly selected: boolean };
  log(options: { readonly maxEntries: number }): Promise<Commit[]>;
  /** What the second commit changes since the two parted. */
  diffBetween(ref1: string, ref2: string): Promise<Change[]>;
}

/** A changed file. */
interface Change {
  /** The new one of a renamed file. */
  readonly uri: vscode.Uri;
  readonly status: number;
}

/** A commit of a history. */
export interface Commit {
  readonly hash: string;
  readonly message: string;
  readonly parents: readonly string[];
}

/** The Git extension's status of files that are not under version control. */
const UNTRACKED = 7;

/**
 * The repositories that VS Code's Git extension has open, and what their history says. All of git is run by that extension, and in an untrusted
 * workspace none.
 */
export class Git {
  /** By repository, each with the commit whose history was read. */
  private readonly known = new Map<string, { readonly head: string; readonly conventions: Promise<Conventions | undefined> }>();

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** The open repositories; none where there is no Git extension, or it is switched off. */
  async repositories(): Promise<readonly Repository[]> {
    return (await this.api())?.repositories ?? [];
  }

  /** Why there is no repository to read, and what to do about it; nothing where there is one. */
  async whyNone(): Promise<string | undefined> {
    if (!vscode.workspace.isTrusted) {
      return vscode.l10n.t('Glance reads no history in a workspace that you do not trust. Run "Workspaces: Manage Workspace Trust" first.');
    }
    return (await this.repositories()).length > 0 ? undefined : vscode.l10n.t('There is no Git repository here: open a folder with one, with VS Code\'s Git extension switched on.');
  }

  /** The repository whose message a document holds: that of a commit box, or that which COMMIT_EDITMSG lies in. */
  async repositoryOf({ uri }: vscode.TextDocument): Promise<Repository | undefined> {
    const root = uri.scheme === 'vscode-scm' ? new URLSearchParams(uri.query).get('rootUri') : undefined;
    return root === null ? undefined : this.repositoryAt(root === undefined ? uri : vscode.Uri.parse(root));
  }

  /** The repository that a folder or file is in. */
  async repositoryAt(uri: vscode.Uri): Promise<Repository | undefined> {
    return (await this.api())?.getRepository(uri) ?? undefined;
  }

  /** Conventions of a repository's last messages; nothing where it has none. */
  async conventionsOf(repository: Repository): Promise<Conventions | undefined> {
    const head = repository.state.HEAD?.commit;
    if (head === undefined) {
      return undefined;
    }
    const key = repository.rootUri.toString();
    const known = this.known.get(key);
    if (known?.head === head) {
      return known.conventions;
    }
    const conventions = this.readConventions(repository);
    this.known.set(key, { head, conventions });
    return conventions;
  }

  private async readConventions(repository: Repository): Promise<Conventions | undefined> {
    try {
      return conventionsOf((await repository.log({ maxEntries: MESSAGES })).map(({ message }) => message));
    } catch (error) {
      this.log.warn(`The history of ${repository.rootUri.toString()} cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  private async api(): Promise<GitApi | undefined> {
    const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
    if (!extension || !vscode.workspace.isTrusted) {
      return undefined;
    }
    const git = extension.isActive ? extension.exports : await extension.activate();
    return git.enabled ? git.getAPI(1) : undefined;
  }
}

/** Paths that the next commit changes, from the repository's root: what is staged or, with nothing staged, what the Git extension would commit then. */
export function pathsToCommit({ rootUri, state: { indexChanges, workingTreeChanges } }: Repository): string[] {
  const trackedAlone = vscode.workspace.getConfiguration('git', rootUri).get('smartCommitChanges') === 'tracked';
  const changes = indexChanges.length > 0 ? indexChanges : workingTreeChanges.filter(({ status }) => !trackedAlone || status !== UNTRACKED);
  return pathsOf(rootUri, changes);
}

/** Paths that a commit of the history changes; none of the first commit, which has nothing to be compared with. */
export async function changedPaths(repository: Repository, { hash, parents: [parent] }: Commit): Promise<string[]> {
  return parent === undefined ? [] : pathsOf(repository.rootUri, await repository.diffBetween(parent, hash));
}

/** Paths of changes from a repository's root. */
function pathsOf(rootUri: vscode.Uri, changes: readonly Change[]): string[] {
  return changes.map(({ uri }) => path.posix.relative(rootUri.path, uri.path));
}
