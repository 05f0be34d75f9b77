import * as vscode from 'vscode';
import { spellingOf } from '../../core/commits/conventions';
import { parseCommitMessage, saysEnough, typeEdit, type CommitMessage } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE, labelOfType } from '../../core/tasks/commit-type';
import { describeDecision } from '../../core/tasks/describe';
import { offerLog } from '../offer-log';
import { rangeIn } from '../ranges';
import type { CommitClassifier } from './commit-classifier';
import type { Git, Repository } from './git';
import type { Messages } from './messages';
import { situate, type SituatedMessage } from './situated-message';

/** How long the status bar says what was done, in milliseconds. */
const TOLD_FOR = 8000;

/** What the command did. */
export interface InsertedType {
  readonly type: string;
  /** Whether the message was changed: it may have had that type already. */
  readonly changed: boolean;
}

/** Where a message stands, and how to change it. */
interface Target {
  readonly situated: SituatedMessage;
  /** What it was read from, and what stands there now. */
  readonly source: string;
  readonly current: () => string;
  readonly replace: (edit: ReturnType<typeof typeEdit>) => Thenable<unknown>;
}

/** Inserts or corrects the type of a message: in a COMMIT_EDITMSG that is being edited, or in the commit box of a repository. */
export class InsertType {
  constructor(
    private readonly messages: Messages,
    private readonly classifier: CommitClassifier,
    private readonly git: Git,
  ) {}

  /** @param sourceControl whose title the command was chosen in. Without one, what is being edited, or the repository that is selected in the Source Control view. */
  async run(sourceControl?: Pick<vscode.SourceControl, 'rootUri'>): Promise<InsertedType | undefined> {
    const target = await this.target(sourceControl);
    if (!target) {
      void vscode.window.showWarningMessage(vscode.l10n.t('There is no commit message to give a type: open a folder with a Git repository, with VS Code\'s Git extension switched on, in a workspace that you trust.'));
      return undefined;
    }
    const refusal = refusalOf(target.situated.message);
    if (refusal) {
      void vscode.window.showWarningMessage(refusal);
      return undefined;
    }
    try {
      return await this.insert(target);
    } catch (error) {
      void offerLog((error as Error).message);
      return undefined;
    }
  }

  private async insert({ situated, source, current, replace }: Target): Promise<InsertedType> {
    const { message, conventions } = situated;
    const { decision } = await this.classifier.classify(situated);
    if (current() !== source) {
      throw new Error(vscode.l10n.t('The message has changed meanwhile, and was left as it is: insert its type again.'));
    }
    const type = spellingOf(decision.label, conventions);
    const typed = message.header?.type;
    const described = describeDecision(COMMIT_TYPE, decision);
    if (typed !== undefined && labelOfType(typed) === decision.label) {
      tell(vscode.l10n.t('Glance: the type stays "{0}". {1}', typed, described));
      return { type: typed, changed: false };
    }
    await replace(typeEdit(message, type));
    tell(typed === undefined ? vscode.l10n.t('Glance: inserted "{0}". {1}', type, described) : vscode.l10n.t('Glance: changed "{0}" to "{1}". {2}', typed, type, described));
    return { type, changed: true };
  }

  private async target(sourceControl?: Pick<vscode.SourceControl, 'rootUri'>): Promise<Target | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (!sourceControl && editor?.document.languageId === 'git-commit') {
      const { document } = editor;
      const source = document.getText();
      return {
        source,
        current: () => document.getText(),
        situated: await this.messages.situate(document),
        replace: ({ range, text }) => editor.edit((edit) => edit.replace(rangeIn(document, range), text)),
      };
    }
    const repository = sourceControl?.rootUri ? await this.git.repositoryAt(sourceControl.rootUri) : await chooseRepository(this.git);
    if (!repository) {
      return undefined;
    }
    // The box itself, since its document lags behind while the Source Control view is hidden.
    const source = repository.inputBox.value;
    return {
      source,
      current: () => repository.inputBox.value,
      situated: await situate(parseCommitMessage(source), repository, this.git, { uri: repository.rootUri, languageId: 'scminput' }),
      replace: (edit) => Promise.resolve(replaceInBox(repository, edit)),
    };
  }
}

/** The only repository, the one selected in the Source Control view, or the one that the user picks. */
export async function chooseRepository(git: Git): Promise<Repository | undefined> {
  const repositories = await git.repositories();
  const selected = repositories.filter(({ ui }) => ui.selected);
  if (repositories.length <= 1 || selected.length === 1) {
    return selected[0] ?? repositories[0];
  }
  const items = repositories.map((repository) => ({ label: vscode.workspace.asRelativePath(repository.rootUri), description: repository.rootUri.path, repository }));
  return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which repository?') }))?.repository;
}

function replaceInBox({ inputBox }: Repository, { range: { start, end }, text }: ReturnType<typeof typeEdit>): void {
  inputBox.value = inputBox.value.slice(0, start) + text + inputBox.value.slice(end);
}

/** Why a message gets no type, if so. */
function refusalOf(message: CommitMessage): string | undefined {
  const typed = message.header?.type;
  if (message.madeByGit) {
    return vscode.l10n.t('Git wrote this message; it needs no type.');
  }
  if (typed !== undefined && labelOfType(typed) === undefined) {
    return vscode.l10n.t('Glance does not know the type "{0}", and leaves it as it is.', typed);
  }
  return saysEnough(message) ? undefined : vscode.l10n.t('There is nothing to tell a type from yet: write a few words first.');
}

function tell(what: string): void {
  vscode.window.setStatusBarMessage(what, TOLD_FOR);
}
