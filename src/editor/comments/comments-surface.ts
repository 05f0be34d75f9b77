import * as vscode from 'vscode';
import { BackendStatus } from '../engine/backend-status';
import type { Commands, Parts, Surface } from '../surface';
import { TaskChoice } from '../teach/task-choice';
import { Classifications } from './classifications';
import { commentCommands } from './commands';
import { Diagnostics } from './diagnostics';
import { FailureNotice } from './failure-notice';
import { FindingFilter } from './finding-filter';
import { FindingHover } from './hover';
import { SELECTOR } from './selector';
import { Status } from './status';

/** The comments of open documents: problems, hovers, status items. */
export class CommentsSurface implements Surface {
  readonly commands: Commands;
  readonly classifications: Classifications;
  private readonly parts: vscode.Disposable;

  constructor({ context, engine, onDidChangeEngine, onDidRestartEngine, settings, taught, log }: Parts) {
    const help = vscode.Uri.parse(`${vscode.env.uriScheme}:extension/${context.extension.id}`);
    const classifications = new Classifications(engine, settings, new FindingFilter(settings), log);
    this.classifications = classifications;
    const status = new Status(classifications, 'glance.showLog');
    const failureNotice = new FailureNotice(classifications);
    this.commands = commentCommands({ engine, classifications, settings, failureNotice, choice: new TaskChoice(taught, context.workspaceState) });
    this.parts = vscode.Disposable.from(
      classifications,
      status,
      failureNotice,
      new BackendStatus(classifications, log, 'glance.showLog'),
      new Diagnostics(classifications, help),
      vscode.languages.registerHoverProvider(SELECTOR, new FindingHover(classifications)),
      onDidChangeEngine((state) => status.onEngine(state)),
      onDidRestartEngine(() => classifications.refreshAll()),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }
}
