import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import { describeDecision, isFinding } from '../../core/tasks/describe';
import type { Task } from '../../core/tasks/task';
import { review } from '../../core/teach/examples';
import { taskOf, type TaughtTask } from '../../core/teach/taught-task';
import type { Engine } from '../../engine/engine';
import type { Classification, Classifications } from '../comments/classifications';
import { SELECTOR } from '../comments/selector';
import { explain } from '../explanation';
import type { Settings } from '../settings';
import type { TaughtFiles } from './taught-files';

/** Comments in one request. */
const COMMENTS_AT_A_TIME = 1000;

/** A comment with a label that was taught. */
interface TaughtFinding {
  readonly range: vscode.Range;
  readonly title: string;
  readonly task: Task;
  readonly decision: Decision;
}

/**
 * Shows what taught tasks find in the comments of documents beside their debt. Only tasks that say which label is not to be reported
 * have findings; they are always Information, since what a taught label means only its teacher knows.
 */
export class TaughtFindings implements vscode.HoverProvider, vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('glance-taught');
  /** By document, not by its URI: see `Classifications`. */
  private readonly shown = new Map<vscode.TextDocument, readonly TaughtFinding[]>();
  private readonly running = new Map<vscode.TextDocument, AbortController>();
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly engine: Engine,
    private readonly classifications: Classifications,
    private readonly files: TaughtFiles,
    private readonly settings: Settings,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.collection,
      classifications.onDidChange((document) => void this.refresh(document)),
      files.onDidChange(() => vscode.workspace.textDocuments.forEach((document) => void this.refresh(document))),
      vscode.languages.registerHoverProvider(SELECTOR, this),
    );
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const findings = this.shown.get(document)?.filter(({ range }) => range.contains(position)) ?? [];
    return findings[0] && new vscode.Hover(findings.map(({ task, decision }) => explain(task, decision, undefined)), findings[0].range);
  }

  dispose(): void {
    this.running.forEach((controller) => controller.abort());
    this.subscriptions.dispose();
  }

  /** Brings a document's findings up to date with its comments, once these are. */
  private async refresh(document: vscode.TextDocument): Promise<void> {
    const outcome = this.classifications.of(document);
    if (outcome?.kind !== 'done') {
      // While an edit is classified, what was found before stays.
      if (!this.classifications.isBusy(document)) {
        this.running.get(document)?.abort();
        this.show(document, []);
      }
      return;
    }
    this.running.get(document)?.abort();
    const controller = new AbortController();
    this.running.set(document, controller);
    try {
      const findings = await this.find(document, outcome.classification, controller.signal);
      if (!controller.signal.aborted && document.version === outcome.classification.version) {
        this.show(document, findings);
      }
    } catch (error) {
      if (!controller.signal.aborted) {
        this.log.error(`Taught labels, ${document.uri.toString()}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  private async find(document: vscode.TextDocument, { comments }: Classification, signal: AbortSignal): Promise<TaughtFinding[]> {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    const files = (await this.files.tasks()).filter((file) => !folder || file.folder.uri.toString() === folder.uri.toString());
    const findings: TaughtFinding[] = [];
    for (const { task } of files.filter((file) => isReported(file.task))) {
      const shown = taskOf(task);
      for (let start = 0; start < comments.length; start += COMMENTS_AT_A_TIME) {
        const batch = comments.slice(start, start + COMMENTS_AT_A_TIME);
        const decisions = await this.engine.classify({ task, texts: batch.map(({ text }) => text), policy: this.settings.policy(document) }, signal);
        findings.push(
          ...decisions.flatMap((decision, index) => {
            const range = batch[index]?.range;
            const isShown = isFinding(shown, decision) && decision.confidence >= this.settings.minimumConfidence(document);
            return range && isShown ? [{ range, title: task.title, task: shown, decision }] : [];
          }),
        );
      }
    }
    return findings;
  }

  private show(document: vscode.TextDocument, findings: readonly TaughtFinding[]): void {
    this.shown.set(document, findings);
    this.collection.set(document.uri, findings.map(toDiagnostic));
    if (document.isClosed) {
      this.shown.delete(document);
      this.running.delete(document);
    }
  }
}

/** Whether a task has findings among comments, and can be trained. */
function isReported(task: TaughtTask): boolean {
  return task.texts === 'comments' && task.silent !== null && review(task).missing.length === 0;
}

function toDiagnostic({ range, title, task, decision }: TaughtFinding): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, `${title}: ${describeDecision(task, decision)}`, vscode.DiagnosticSeverity.Information);
  diagnostic.source = 'Glance';
  diagnostic.code = decision.label;
  return diagnostic;
}
