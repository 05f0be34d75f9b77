import path from 'node:path';
import pMap from 'p-map';
import * as vscode from 'vscode';
import { draftReleaseNotes, type HistoryEntry } from '../../core/commits/release-notes';
import { parseCommitMessage, textOf, type CommitMessage } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import type { Engine } from '../../engine/engine';
import { offerLog } from '../offer-log';
import type { Settings } from '../settings';
import { withSignal } from '../with-signal';
import { changedPaths, CONCURRENCY, type Git, type Repository } from './git';
import { chooseRepository } from './insert-type';

/** How many commits are proposed, and at most taken: each that needs a prediction costs a process of git's. */
const USUAL = 100;
const MOST = 5000;

/** Sorts the last commits of a repository by type, and drafts release notes. */
export class History {
  constructor(
    private readonly engine: Engine,
    private readonly git: Git,
    private readonly settings: Settings,
  ) {}

  /**
   * @param given how many commits; the user is asked when it is left out.
   * @param sourceControl of which repository; the user is asked when it is left out, and there are several.
   * @returns the draft in an editor; nothing when the user gave up, or there is nothing to draft.
   */
  async run(given?: number, sourceControl?: Pick<vscode.SourceControl, 'rootUri'>): Promise<vscode.TextDocument | undefined> {
    const whyNone = await this.git.whyNone();
    if (whyNone !== undefined) {
      void vscode.window.showWarningMessage(whyNone);
      return undefined;
    }
    const repository = sourceControl?.rootUri ? await this.git.repositoryAt(sourceControl.rootUri) : await chooseRepository(this.git);
    const count = repository && (given ?? (await askCount()));
    if (!repository || count === undefined) {
      return undefined;
    }
    try {
      const notes = await withCancellableProgress(vscode.l10n.t('Glance: classifying the history'), (progress, signal) => this.draft(repository, count, progress, signal));
      return notes === undefined ? undefined : (await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'markdown', content: notes }))).document;
    } catch (error) {
      void offerLog((error as Error).message);
      return undefined;
    }
  }

  private async draft(repository: Repository, count: number, report: (share: number) => void, signal: AbortSignal): Promise<string> {
    const commits = await repository.log({ maxEntries: count });
    const entries = commits
      .map((commit) => ({ commit, message: parseCommitMessage(commit.message) }))
      .filter(({ commit, message }) => commit.parents.length < 2 && message.subject !== '' && (!message.madeByGit || message.isRevert));
    const predicted = entries.filter(({ message }) => needsPrediction(message));
    const texts = await pMap(
      predicted,
      async ({ commit, message }) => {
        const paths = await changedPaths(repository, commit);
        report(1 / predicted.length);
        return COMMIT_TYPE.prepare({ text: textOf(message), paths });
      },
      { concurrency: CONCURRENCY, signal },
    );
    const policy = this.settings.policy(repository.rootUri);
    const decisions = await this.engine.classify({ task: COMMIT_TYPE.id, texts, policy, priority: 'scan' }, signal);
    const decisionOf = new Map(predicted.map(({ commit }, index) => [commit.hash, decisions[index]]));
    const history = entries.map(({ commit: { hash }, message }): HistoryEntry => ({ hash, message, decision: decisionOf.get(hash) }));
    return draftReleaseNotes(path.posix.basename(repository.rootUri.path), history, commits.length - entries.length);
  }
}

/** Whether a commit's author gave it no type, and git neither. */
function needsPrediction({ header, madeByGit }: CommitMessage): boolean {
  return !header && !madeByGit;
}

async function askCount(): Promise<number | undefined> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Glance: Classify History'),
    prompt: vscode.l10n.t('How many of the last commits?'),
    value: String(USUAL),
    validateInput: (text) => (/^\d+$/u.test(text.trim()) && Number(text) >= 1 && Number(text) <= MOST ? undefined : vscode.l10n.t('A whole number from 1 to {0}.', MOST)),
  });
  return answer === undefined ? undefined : Number(answer);
}

/** Runs work under a notification that can be cancelled. @returns nothing when it was. */
async function withCancellableProgress<Result>(title: string, work: (report: (share: number) => void, signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    try {
      return await withSignal(token, (signal) => work((share) => progress.report({ increment: 100 * share }), signal));
    } catch (error) {
      if (error instanceof vscode.CancellationError) {
        return undefined;
      }
      throw error;
    }
  });
}
