import * as vscode from 'vscode';
import { Fingerprints } from '../../core/findings/fingerprint';
import { LONGEST_SOURCE } from '../../core/sources/comments/comments';
import { languageById } from '../../core/sources/comments/languages';
import { LineIndex } from '../../core/sources/line-index';
import type { Snippet } from '../../core/sources/snippet';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { isFinding, shownConfidence } from '../../core/tasks/describe';
import type { Engine } from '../../engine/engine';
import { classifyAll } from '../answers/decisions';
import type { CommentScope, FindingFilter } from '../findings/finding-filter';
import { pathIn } from '../workspace-files';
import type { Settings } from '../settings';
import { withSignal } from '../with-signal';
import { debtAnswer } from './answers';
import { findFile } from './find-file';
import { toolResult } from './tool-result';

/** What the tool takes: a file, or a text with or without a language. */
export interface DebtInput {
  readonly filePath?: string;
  readonly text?: string;
  readonly language?: string;
}

/** Where a text stands that is in no file. */
const NOWHERE = vscode.Uri.from({ scheme: 'untitled', path: 'text' });

/** A source to look for comments in. Without a language, it is one comment. */
interface Source extends CommentScope {
  readonly text: string;
  readonly language: string | undefined;
}

/** Tells a language model which comments admit debt: those that people are shown, by the same settings. */
export class DebtTool implements vscode.LanguageModelTool<DebtInput> {
  constructor(
    private readonly engine: Engine,
    private readonly settings: Settings,
    private readonly filter: FindingFilter,
  ) {}

  prepareInvocation({ input: { filePath } }: vscode.LanguageModelToolInvocationPrepareOptions<DebtInput>): vscode.PreparedToolInvocation {
    return { invocationMessage: filePath ? vscode.l10n.t('Looking for comments that admit debt in {0}', filePath) : vscode.l10n.t('Looking for comments that admit debt') };
  }

  invoke({ input, tokenizationOptions }: vscode.LanguageModelToolInvocationOptions<DebtInput>, token: vscode.CancellationToken): Promise<vscode.LanguageModelToolResult> {
    return withSignal(token, async (signal) => {
      const source = await sourceOf(input);
      const snippets = await this.commentsOf(source, signal);
      const decisions = await classifyAll(this.engine, { task: COMMENT_DEBT.id, texts: snippets.map(({ text }) => text), policy: this.settings.policy(source) }, signal);
      const lines = new LineIndex(source.text);
      const severityOf = this.filter.severityIn(source);
      const folder = vscode.workspace.getWorkspaceFolder(source.uri);
      const fingerprints = folder && new Fingerprints(pathIn(folder, source.uri));
      const findings = snippets.flatMap(({ text, range: { start } }, index) => {
        const decision = decisions[index];
        if (!decision || !isFinding(COMMENT_DEBT, decision)) {
          return [];
        }
        const shown = severityOf({ text, decision, fingerprint: fingerprints?.next(text) }) !== undefined;
        return shown ? [{ line: lines.position(start).line + 1, label: decision.label, confidence: shownConfidence(COMMENT_DEBT, decision), text }] : [];
      });
      return toolResult(await debtAnswer(snippets.length, findings, tokenizationOptions));
    });
  }

  private async commentsOf({ text, language }: Source, signal: AbortSignal): Promise<readonly Snippet[]> {
    if (text.length > LONGEST_SOURCE) {
      throw new Error(vscode.l10n.t('The source is {0} characters long; Glance reads up to {1}.', text.length, LONGEST_SOURCE));
    }
    if (language !== undefined) {
      return (await this.engine.findComments({ source: text, language }, signal)).snippets;
    }
    const comment = COMMENT_DEBT.prepare({ text });
    return comment === '' ? [] : [{ text: comment, range: { start: 0, end: text.length } }];
  }
}

/** @throws with what a language model can do about it. */
async function sourceOf({ filePath, text, language }: DebtInput): Promise<Source> {
  if ((filePath === undefined) === (text === undefined)) {
    throw new Error(vscode.l10n.t('Give either {0} or {1}.', 'filePath', 'text'));
  }
  if (text !== undefined) {
    return { text, language: language === undefined ? undefined : known(language), uri: NOWHERE, languageId: language ?? 'plaintext' };
  }
  const document = await findFile(filePath ?? '');
  const { uri, languageId } = document;
  return { text: document.getText(), language: known(languageId), uri, languageId };
}

function known(language: string): string {
  if (!languageById(language)) {
    throw new Error(vscode.l10n.t('Glance does not know how comments are written in the language "{0}". Give a comment as text, without a language.', language));
  }
  return language;
}
