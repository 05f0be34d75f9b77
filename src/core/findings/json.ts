import { excerptOf } from './finding';
import type { Report } from './report';

/** Findings as one JSON document, a line each. Lines and columns count from 1, columns in UTF-16 code units. */
export function* jsonReport({ version, task, folders }: Report): Generator<string> {
  yield `{"tool": "Glance", "version": ${JSON.stringify(version)}, "task": ${JSON.stringify(task.id)}, "findings": [`;
  let separator = '\n';
  for (const { name, files } of folders) {
    for (const { path, findings } of files) {
      for (const { start, end, text, decision: { label, confidence, findingConfidence, exit }, fingerprint } of findings) {
        const place = { ...(folders.length > 1 && { folder: name }), path, line: start.line + 1, column: start.column + 1, endLine: end.line + 1, endColumn: end.column + 1 };
        yield `${separator}${JSON.stringify({ ...place, label, confidence, findingConfidence, exit, text: excerptOf(text), fingerprint })}`;
        separator = ',\n';
      }
    }
  }
  yield '\n]}\n';
}
