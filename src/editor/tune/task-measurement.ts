import * as vscode from 'vscode';
import type { Task } from '../../core/tasks/task';
import type { Kind } from './kinds';
import { measureWorkspace, type Measurement, type Progress } from './measurement';
import type { Sampling } from './sample';

/** What is known of a task's texts in the workspace, or being found out; `reason` says why nothing is, where there is one. */
export type MeasurementState =
  | { readonly kind: 'none'; readonly reason?: string }
  | { readonly kind: 'running'; readonly progress: Progress }
  | { readonly kind: 'measured'; readonly measurement: Measurement; readonly at: Date };

/** Pause between two reports of progress, in milliseconds. */
const PROGRESS_PAUSE = 100;

/** The measurement of one task's texts: none yet, under way, or the last one. */
export class TaskMeasurement {
  private known: MeasurementState = { kind: 'none' };
  private running: { readonly controller: AbortController; progress: Progress } | undefined;

  /** @param onDidChange hears that the state has changed. */
  constructor(
    private readonly task: Task,
    private readonly kind: Kind,
    private readonly sampling: Sampling,
    private readonly onDidChange: () => void,
  ) {}

  get state(): MeasurementState {
    return this.running ? { kind: 'running', progress: this.running.progress } : this.known;
  }

  /** Measures, unless that is under way. What goes wrong is told by the state. */
  async run(): Promise<void> {
    if (this.running) {
      return;
    }
    const { signal } = (this.running = { controller: new AbortController(), progress: { step: 'finding', done: 0, total: 0 } }).controller;
    this.onDidChange();
    try {
      const measured = await measureWorkspace(this.task, this.kind.sample, this.sampling, signal, this.reporter());
      this.known = 'reason' in measured ? { kind: 'none', reason: measured.reason } : { kind: 'measured', measurement: measured, at: new Date() };
    } catch (error) {
      if (!signal.aborted) {
        const { message } = error as Error;
        this.sampling.log.error(`Tune: ${message}`);
        this.known = { kind: 'none', reason: vscode.l10n.t('They could not be measured: {0}', message) };
      }
    }
    this.running = undefined;
    this.onDidChange();
  }

  /** Stops measuring. What was known before is known again. */
  cancel(): void {
    this.running?.controller.abort();
  }

  private reporter(): (progress: Progress) => void {
    let told = performance.now();
    return (progress) => {
      if (this.running) {
        this.running.progress = progress;
      }
      if (performance.now() - told > PROGRESS_PAUSE) {
        told = performance.now();
        this.onDidChange();
      }
    };
  }
}
