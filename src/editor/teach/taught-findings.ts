import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { describeDecision, isFinding } from '../../core/tasks/describe';
import type { Task } from '../../core/tasks/task';
import { taskOf } from '../../core/teach/taught-task';
import type { Engine } from '../../engine/engine';
import { classifyAll } from '../answers/decisions';
import { DocumentAnswers } from '../answers/document-answers';
import type { Classifications } from '../comments/classifications';
import type { FindingFilter } from '../findings/finding-filter';
import type { Settings } from '../settings';
import type { TaughtFiles } from './taught-files';

/** A comment with a label that was taught. */
export interface TaughtFinding {
  readonly range: vscode.Range;
  readonly title: string;
  readonly task: Task;
  readonly decision: Decision;
}

/** What taught tasks find in the comments of documents. Only tasks that say which label is not to be reported have findings. */
export class TaughtFindings extends DocumentAnswers<readonly TaughtFinding[]> {
  constructor(
    private readonly engine: Engine,
    private readonly classifications: Classifications,
    private readonly files: TaughtFiles,
    private readonly settings: Settings,
    private readonly filter: Pick<FindingFilter, 'showsTaughtIn'>,
    log: vscode.LogOutputChannel,
  ) {
    super(log);
    this.subscribe(
      classifications.onDidChange((document) => this.refresh(document)),
      files.onDidChange(() => vscode.workspace.textDocuments.forEach((document) => this.refresh(document))),
    );
  }

  protected override async ask(document: vscode.TextDocument, signal: AbortSignal): Promise<readonly TaughtFinding[]> {
    const outcome = this.classifications.of(document);
    const comments = outcome?.kind === 'done' ? outcome.answer.comments : [];
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    const policy = this.settings.policy(document);
    const shows = this.filter.showsTaughtIn(document);
    const findings: TaughtFinding[] = [];
    for (const task of await this.files.reported(folder)) {
      const shown = taskOf(task);
      const decisions = await classifyAll(this.engine, { task, texts: comments.map(({ text }) => text), policy }, signal);
      findings.push(
        ...decisions.flatMap((decision, index) => {
          const range = comments[index]?.range;
          const isShown = isFinding(shown, decision) && shows({ decision });
          return range && isShown ? [{ range, title: task.title, task: shown, decision }] : [];
        }),
      );
    }
    return findings;
  }

  /** Brings a document's findings up to date with its comments, once these are. */
  private refresh(document: vscode.TextDocument): void {
    if (this.classifications.of(document)?.kind === 'done') {
      this.start(document);
    } else if (!this.classifications.isBusy(document)) {
      this.forget(document);
    }
  }
}

/** A finding as it is shown beside debt: always Information, since what a taught label means only its teacher knows. */
export function toDiagnostic({ range, title, task, decision }: TaughtFinding): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, `${title}: ${describeDecision(task, decision)}`, vscode.DiagnosticSeverity.Information);
  diagnostic.code = decision.label;
  return diagnostic;
}
