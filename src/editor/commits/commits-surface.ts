import * as vscode from 'vscode';
import type { Commands, Parts, Surface } from '../surface';
import { CommitClassifier } from './commit-classifier';
import { TypeCompletion } from './completion';
import { commitDiagnostics } from './diagnostics';
import { Git } from './git';
import { History } from './history';
import { CommitHover } from './hover';
import { InsertType } from './insert-type';
import { Messages } from './messages';
import { CommitQuickFixes, type KeepType } from './quick-fixes';
import { SELECTOR } from './selector';

/** Of a quick fix, and nothing to be run by name: not in the manifest. */
const KEEP_TYPE = 'glance.commits.keepType';

/** The messages of commits: in commit boxes, in files that git opens, in the history. */
export class CommitsSurface implements Surface {
  readonly commands: Commands;
  private readonly parts: vscode.Disposable;

  constructor({ context, engine, onDidRestartEngine, settings, log }: Parts) {
    const help = vscode.Uri.parse(`${vscode.env.uriScheme}:extension/${context.extension.id}`);
    const git = new Git(log);
    const classifier = new CommitClassifier(engine, settings);
    const messages = new Messages(classifier, git, settings, log);
    const insertType = new InsertType(messages, classifier, git);
    const history = new History(engine, git, settings);
    const keepType: KeepType = (document, type) => messages.keep(document, type);
    this.commands = {
      'glance.insertCommitType': (sourceControl?: vscode.SourceControl) => insertType.run(sourceControl),
      'glance.classifyHistory': (count?: number, sourceControl?: vscode.SourceControl) => history.run(count, sourceControl),
    };
    this.parts = vscode.Disposable.from(
      messages,
      commitDiagnostics(messages, help),
      vscode.languages.registerHoverProvider(SELECTOR, new CommitHover(messages)),
      vscode.languages.registerCodeActionsProvider(SELECTOR, new CommitQuickFixes(messages, KEEP_TYPE), { providedCodeActionKinds: CommitQuickFixes.kinds }),
      vscode.languages.registerCompletionItemProvider(SELECTOR, new TypeCompletion(messages, classifier, settings)),
      vscode.commands.registerCommand(KEEP_TYPE, keepType),
      onDidRestartEngine(() => messages.refreshAll()),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }
}
