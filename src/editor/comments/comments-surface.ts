import * as vscode from 'vscode';
import { BackendStatus } from '../engine/backend-status';
import type { Commands, Parts, Surface } from '../surface';
import { TaskChoice } from '../teach/task-choice';
import { Classifications } from './classifications';
import { FindingLenses } from './code-lens';
import { commentCommands } from './commands';
import { findingDiagnostics } from './diagnostics';
import { FailureNotice } from './failure-notice';
import { findingCommands } from './finding-commands';
import { FindingHover } from './hover';
import { FindingActions } from './quick-fixes';
import { SELECTOR } from './selector';
import { Status } from './status';
import { CostStatus } from './status-bar';

/** The comments of open documents: problems, hovers, quick fixes, code lenses, status items. */
export class CommentsSurface implements Surface {
  readonly commands: Commands;
  readonly classifications: Classifications;
  private readonly parts: vscode.Disposable;

  constructor({ context, engine, onDidChangeEngine, onDidRestartEngine, settings, filter, taught, log }: Parts) {
    const help = vscode.Uri.parse(`${vscode.env.uriScheme}:extension/${context.extension.id}`);
    const classifications = new Classifications(engine, settings, filter, log);
    this.classifications = classifications;
    const status = new Status(classifications, 'glance.showLog');
    const failureNotice = new FailureNotice(classifications);
    const lenses = new FindingLenses(classifications, settings);
    this.commands = {
      ...commentCommands({ engine, classifications, settings, failureNotice, choice: new TaskChoice(taught, context.workspaceState) }),
      ...findingCommands({ classifications, notDebt: filter.notDebt }),
    };
    this.parts = vscode.Disposable.from(
      classifications,
      status,
      failureNotice,
      lenses,
      new CostStatus(classifications, settings),
      new BackendStatus(classifications, log, 'glance.showLog'),
      findingDiagnostics(classifications, help),
      vscode.languages.registerHoverProvider(SELECTOR, new FindingHover(classifications)),
      vscode.languages.registerCodeActionsProvider(SELECTOR, new FindingActions(classifications), FindingActions.metadata),
      vscode.languages.registerCodeLensProvider(SELECTOR, lenses),
      onDidChangeEngine((state) => status.onEngine(state)),
      onDidRestartEngine(() => classifications.decideAnew()),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }
}
