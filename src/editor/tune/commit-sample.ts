import path from 'node:path';
import pMap from 'p-map';
import * as vscode from 'vscode';
import { parseCommitMessage, saysEnough, textOf } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import { changedPaths, CONCURRENCY, type Commit, type Repository } from '../commits/git';
import type { SampledText, TakeSample } from './sample';

/** Commits of a sample, of all repositories together: each costs a process of git's. */
const MOST = 1000;

/** Characters of a commit's hash that people are told. */
const SHORT_HASH = 7;

/** Takes the last commits of each repository that is open: what the commit box would classify, were they written today. */
export const sampleCommits: TakeSample = async ({ git }, signal, onFound) => {
  const reason = await git.whyNone();
  if (reason !== undefined) {
    return { reason };
  }
  // A history without a commit cannot be read.
  const repositories = (await git.repositories()).filter(({ state }) => state.HEAD?.commit !== undefined);
  const most = Math.floor(MOST / Math.max(1, repositories.length));
  const histories = await pMap(repositories, async (repository) => ({ repository, commits: await repository.log({ maxEntries: most }) }), { concurrency: CONCURRENCY, signal });
  const found = histories.flatMap(({ repository, commits }) => commits.filter(isClassified).map((commit) => ({ repository, commit })));
  let read = 0;
  const texts = await pMap(
    found,
    async ({ repository, commit }) => {
      const sampled = await sampledCommit(repository, commit);
      onFound((read += 1), found.length);
      return sampled;
    },
    { concurrency: CONCURRENCY, signal },
  );
  if (texts.length === 0) {
    return { reason: vscode.l10n.t('No commit here has a message of two words or more, merges apart. Commit something, and measure again.') };
  }
  return {
    texts: [...new Map(texts.map((text) => [text.text, text])).values()],
    from: histories.map(({ repository }) => nameOf(repository)).join(', '),
    complete: histories.every(({ commits }) => commits.length < most),
  };
};

function isClassified({ message, parents }: Commit): boolean {
  return parents.length < 2 && saysEnough(parseCommitMessage(message));
}

async function sampledCommit(repository: Repository, commit: Commit): Promise<SampledText> {
  const message = parseCommitMessage(commit.message);
  return {
    text: COMMIT_TYPE.prepare({ text: textOf(message), paths: await changedPaths(repository, commit) }),
    excerpt: message.subject,
    place: `${nameOf(repository)} ${commit.hash.slice(0, SHORT_HASH)}`,
    open: () => Promise.resolve(vscode.commands.executeCommand('git.viewCommit', repository.rootUri, commit.hash)),
  };
}

function nameOf({ rootUri }: Repository): string {
  return path.posix.basename(rootUri.path);
}
