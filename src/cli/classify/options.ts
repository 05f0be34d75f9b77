import type { PolicyChoice } from '../../core/exits/policy-choice';
import { REPORT_FORMATS } from '../../core/findings/report';
import type { Task } from '../../core/tasks/task';
import type { TaughtTask } from '../../core/teach/taught-task';

/** How findings in files may be told, the default first. */
export const FORMATS = ['text', 'jsonl', ...REPORT_FORMATS.map(({ id }) => id)] as const;

/** How findings in files are told. */
export interface FilesOutput {
  readonly format: (typeof FORMATS)[number];
  /** A baseline whose findings are left out. */
  readonly baseline: string | undefined;
  /** Where to write a baseline. */
  readonly newBaseline: string | undefined;
}

/** Options of both ways to classify. */
export interface ClassifyOptions {
  readonly task: Task;
  /** The task, where it is a taught one. */
  readonly taught: TaughtTask | undefined;
  readonly policy: PolicyChoice;
  /** Findings of which the model is less sure do not count: see `shownConfidence`. */
  readonly minimumConfidence: number;
}
