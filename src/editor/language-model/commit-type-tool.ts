import * as vscode from 'vscode';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import type { Engine } from '../../engine/engine';
import type { Settings } from '../settings';
import { withSignal } from '../with-signal';
import { commitTypeAnswer } from './answers';
import { toolResult } from './tool-result';

/** What the tool takes. */
export interface CommitInput {
  readonly message: string;
  /** What the commit changes. */
  readonly paths?: readonly string[];
}

/** Tells a language model the type of a commit, whatever type its message begins with. */
export class CommitTypeTool implements vscode.LanguageModelTool<CommitInput> {
  constructor(
    private readonly engine: Engine,
    private readonly settings: Settings,
  ) {}

  prepareInvocation(): vscode.PreparedToolInvocation {
    return { invocationMessage: vscode.l10n.t('Finding the type of a commit') };
  }

  invoke({ input: { message, paths } }: vscode.LanguageModelToolInvocationOptions<CommitInput>, token: vscode.CancellationToken): Promise<vscode.LanguageModelToolResult> {
    return withSignal(token, async (signal) => {
      if (message.trim() === '') {
        throw new Error(vscode.l10n.t('The message is empty: say what the commit does.'));
      }
      const texts = [COMMIT_TYPE.prepare({ text: message, paths })];
      const [decision] = await this.engine.classify({ task: COMMIT_TYPE.id, texts, policy: this.settings.policy() }, signal);
      if (!decision) {
        throw new Error(vscode.l10n.t('The engine gave no answer of the task {0}.', COMMIT_TYPE.id));
      }
      return toolResult(commitTypeAnswer(decision));
    });
  }
}
