import { percent } from '../tasks/describe';
import { escapeMarkdown } from '../tasks/markdown';
import { excerptOf } from './finding';
import type { Report } from './report';

/** Findings as a Markdown document for people: how many of each label, then a table for each folder. */
export function* markdownReport({ task, folders }: Report): Generator<string> {
  const counts = new Map<string, number>();
  for (const { decision: { label } } of folders.flatMap(({ files }) => files.flatMap(({ findings }) => findings))) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  yield '# Findings of Glance\n\n| Label | Findings |\n|:--|--:|\n';
  for (const [label, { title }] of Object.entries(task.labels)) {
    if (label !== task.silentLabel) {
      yield `| ${title} | ${counts.get(label) ?? 0} |\n`;
    }
  }
  for (const { name, files } of folders) {
    yield `\n## ${escapeMarkdown(name)}\n`;
    for (const { path, findings } of files) {
      if (findings.length > 0) {
        yield `\n### ${escapeMarkdown(path)}\n\n| Line | Label | Sure | Comment |\n|--:|:--|--:|:--|\n`;
      }
      for (const { start, text, decision: { label, findingConfidence } } of findings) {
        yield `| ${start.line + 1} | ${task.labels[label]?.title ?? label} | ${percent(findingConfidence)} | ${escapeMarkdown(excerptOf(text))} |\n`;
      }
    }
  }
}
