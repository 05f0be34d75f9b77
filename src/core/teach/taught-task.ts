import * as l10n from '@vscode/l10n';
import { stripComment } from '../sources/comments/strip';
import type { Task } from '../tasks/task';
import * as z from '../schema';

/** Different examples that each label needs. */
export const LEAST_EXAMPLES = 10;

/** Most examples of a task: more would keep the engine busy for more than a second at a time, and each request carries them. */
export const MOST_EXAMPLES = 400;

/** Most labels of a task. */
const MOST_LABELS = 50;

/** Characters of a text that are kept, in UTF-16 code units: the model reads its first 128 tokens. */
const LONGEST_TEXT = 2000;

/** Bytes that the file of a task may have. */
export const LONGEST_FILE = 5_000_000;

/** A header, to show people who gave something else. */
const HEADER_EXAMPLE = { name: 'security-notes', title: 'Security notes', texts: 'comments', silent: 'other' } as const;

/** The version of the file's format. */
const VERSION = 1;

/** A text with the label that its user gave it. */
export interface Example {
  /** As it was found: `Task.prepare` turns it into what the model reads. */
  readonly text: string;
  readonly label: string;
}

/**
 * A task that its user taught by examples. Examples are kept, not weights: they can be read, reviewed and shared, and are trained
 * anew, always to the same heads, on whatever model package is installed.
 */
export interface TaughtTask {
  readonly name: string;
  /** What people call it: "Security notes". */
  readonly title: string;
  /** Where its texts are found: in comments, or wherever somebody selects them. */
  readonly texts: 'comments' | 'any';
  /** The label of texts that are no finding; without one, the task sorts texts. */
  readonly silent: string | null;
  readonly examples: readonly Example[];
}

/** A file that is no taught task. The message says for its reader what is wrong, and where. */
export class TaughtTaskError extends Error {
  override readonly name = 'TaughtTaskError';
}

// What names a file on every system, and cannot point outside its folder.
const nameSchema = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,59}$/u, { error: () => l10n.t('must be made of small letters, digits and hyphens, 60 at most') }));
// It is shown in one line, also in a terminal.
const oneLine = z.string().check(
  z.trim(),
  z.minLength(1, { error: () => l10n.t('must not be empty') }),
  z.maxLength(60, { error: () => l10n.t('must not be longer than 60 characters') }),
  z.regex(/^\P{Cc}*$/u, { error: () => l10n.t('must be of one line') }),
);
const headerSchema = z.object({ glance: z.literal(VERSION), task: nameSchema, title: oneLine, texts: z.enum(['comments', 'any']), silent: z.nullable(oneLine) });
const exampleSchema = z.object({ text: z.string(), label: oneLine });

/** What is wrong with a title or a label, to be read after it; nothing when it is a good one. */
export function faultOfLabel(label: string): string | undefined {
  return oneLine.safeParse(label).error?.issues[0]?.message;
}

/** A name for a task with this title; empty when there are no Latin letters or digits in it. */
export function nameFor(title: string): string {
  return title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/gu, '-').replace(/^-|-$/gu, '').slice(0, 60);
}

/**
 * Reads the file of a taught task: lines of JSON, a header and its examples.
 * @throws {TaughtTaskError} naming the first line at fault.
 */
export function parseTaughtTask(content: string): TaughtTask {
  const [header, ...rows] = linesOf(content);
  if (!header) {
    throw new TaughtTaskError(l10n.t('The file is empty. Its first line must be like {0}', headerLine(HEADER_EXAMPLE)));
  }
  const { task: name, title, texts, silent } = parseLine(header, headerSchema, headerLine(HEADER_EXAMPLE));
  const examples = examplesOf(rows);
  return { name, title, texts, silent, examples };
}

/**
 * Reads examples, lines like {"text": ..., "label": ...}, from a file that may also be that of a taught task.
 * @throws {TaughtTaskError} naming the first line at fault.
 */
export function parseExamples(content: string): Example[] {
  const [first, ...others] = linesOf(content);
  const hasHeader = first?.text.includes('"glance"') && headerSchema.safeParse(jsonOf(first)).success;
  return examplesOf(first && !hasHeader ? [first, ...others] : others);
}

interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** The lines that are not blank. */
function linesOf(content: string): Line[] {
  // A byte order mark may stand in front of the first line.
  return content.replace(/^\ufeff/u, '').split(/\r?\n/u).flatMap((text, index) => (text.trim() === '' ? [] : [{ number: index + 1, text }]));
}

function examplesOf(lines: readonly Line[]): Example[] {
  if (lines.length > MOST_EXAMPLES) {
    throw new TaughtTaskError(l10n.t('There are {0} examples; a task takes {1} at most. Keep the most different ones.', lines.length, MOST_EXAMPLES));
  }
  const examples = lines.map((line) => {
    const { text, label } = parseLine(line, exampleSchema, exampleLine({ text: '// the token must never be logged', label: 'security' }));
    return { text: text.slice(0, LONGEST_TEXT), label };
  });
  const labels = new Set(examples.map(({ label }) => label)).size;
  if (labels > MOST_LABELS) {
    throw new TaughtTaskError(l10n.t('There are {0} labels; a task takes {1} at most.', labels, MOST_LABELS));
  }
  return examples;
}

function parseLine<Value>(line: Line, schema: z.ZodMiniType<Value>, example: string): Value {
  const { data, error } = schema.safeParse(jsonOf(line));
  if (error) {
    const [issue] = error.issues;
    const where = issue?.path.length ? `"${issue.path.join('.')}": ${issue.message}` : l10n.t('it must be an object');
    throw new TaughtTaskError(l10n.t('Line {0} is not as it should be ({1}). It must be like {2}', line.number, where, example));
  }
  return data;
}

function jsonOf({ number, text }: Line): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TaughtTaskError(l10n.t('Line {0} is not JSON.', number));
  }
}

/** The first line of a task's file. */
export function headerLine({ name, title, texts, silent }: Omit<TaughtTask, 'examples'>): string {
  return JSON.stringify({ glance: VERSION, task: name, title, texts, silent });
}

/** The line of an example in a task's file. */
export function exampleLine({ text, label }: Example): string {
  return JSON.stringify({ text: text.slice(0, LONGEST_TEXT), label });
}

/** A taught task as one to classify for. */
export function taskOf({ name, title, texts, silent, examples }: TaughtTask): Task {
  const labels = [...new Set(examples.map(({ label }) => label))].map((label) => [label, { title: label, description: l10n.t('Taught by examples: {0}.', title) }]);
  return {
    id: name,
    texts: texts === 'comments' ? 'comments' : 'texts',
    example: { text: texts === 'comments' ? '// a comment' : 'a text' },
    prepare: prepareFor(texts),
    labels: Object.fromEntries(labels) as Task['labels'],
    ...(silent !== null && { silentLabel: silent }),
  };
}

/** How texts are prepared for a taught task. */
export function prepareFor(texts: TaughtTask['texts']): Task['prepare'] {
  return texts === 'comments' ? ({ text }) => stripComment(text) : ({ text }) => text.slice(0, LONGEST_TEXT).trim();
}
