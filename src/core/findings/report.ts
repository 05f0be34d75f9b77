import type { Task } from '../tasks/task';
import type { FileFindings } from './finding';
import { jsonReport } from './json';
import { markdownReport } from './markdown';
import { sarifReport } from './sarif';

/** Findings to be written down. */
export interface Report {
  readonly task: Task;
  /** Of Glance. */
  readonly version: string;
  readonly folders: readonly ReportFolder[];
}

/** A folder that findings are of. */
export interface ReportFolder {
  /** Tells it from the report's other folders. */
  readonly name: string;
  readonly files: readonly FileFindings[];
}

/** A way to write findings down. The text comes in pieces, so that the writer can do something else in between. */
export interface ReportFormat {
  readonly id: string;
  readonly title: string;
  /** Ending of files, without the dot. */
  readonly ending: string;
  readonly write: (report: Report) => Generator<string>;
}

/** Every way to write findings down. */
export const REPORT_FORMATS = [
  { id: 'sarif', title: 'SARIF 2.1.0', ending: 'sarif', write: sarifReport },
  { id: 'json', title: 'JSON', ending: 'json', write: jsonReport },
  { id: 'markdown', title: 'Markdown', ending: 'md', write: markdownReport },
] as const satisfies readonly ReportFormat[];
