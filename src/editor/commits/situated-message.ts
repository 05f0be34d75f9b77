import type * as vscode from 'vscode';
import type { Conventions } from '../../core/commits/conventions';
import type { CommitMessage } from '../../core/sources/commits/commit-message';
import { pathsToCommit, type Git, type Repository } from './git';

/** A message with what is known of its repository. */
export interface SituatedMessage {
  readonly message: CommitMessage;
  /** That the commit changes, from the repository's root. */
  readonly paths: readonly string[];
  readonly conventions: Conventions | undefined;
  /** What the settings are read for. */
  readonly scope: { readonly uri: vscode.Uri; readonly languageId: string };
  readonly repository: Repository | undefined;
  /** Of the repository, when its paths were read. */
  readonly state: string | undefined;
}

/** @param scope of the message, where there is no repository. */
export async function situate(message: CommitMessage, repository: Repository | undefined, git: Git, { uri, languageId }: SituatedMessage['scope']): Promise<SituatedMessage> {
  // As of one moment: what changes while the history is read is seen by comparing.
  const state = repository && stateOf(repository);
  const staged = repository ? pathsToCommit(repository) : [];
  return {
    message,
    // Git knows best what it is about to commit, which may be less than what is staged.
    paths: message.paths.length > 0 ? message.paths : staged,
    conventions: repository && (await git.conventionsOf(repository)),
    scope: { uri: repository?.rootUri ?? uri, languageId },
    repository,
    state,
  };
}

/** What of a repository's state the type of the next commit depends on. */
export function stateOf(repository: Repository): string {
  return [repository.state.HEAD?.commit, ...pathsToCommit(repository)].join('\n');
}
