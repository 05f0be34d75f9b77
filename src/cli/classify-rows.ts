import { createInterface } from 'node:readline';
import { isFinding } from '../core/tasks/describe';
import type { TaskInput } from '../core/tasks/task';
import type { Engine } from '../engine/engine';
import { answerFields, print } from './output';
import { taskOfModel } from './task-of-model';
import { UsageError, type ClassifyOptions } from './usage';

/** Rows that are classified together: enough for full batches of similar length, little enough to stay in memory. */
const ROWS_AT_A_TIME = 512;

interface Row extends TaskInput {
  readonly id: string | number;
}

/**
 * Reads rows from standard input and writes their answers in the same order, in constant memory.
 * @returns whether there was a finding.
 * @throws {UsageError} with the number of the line at the first bad row, after the rows before it were answered.
 */
export async function classifyRows(options: ClassifyOptions, engine: Engine, input: NodeJS.ReadableStream): Promise<boolean> {
  const { task, policy } = options;
  const described = await taskOfModel(options, engine);
  let findings = false;
  const answer = async (rows: readonly Row[]): Promise<void> => {
    const decisions = await engine.classify({ task: task.id, policy, priority: 'scan', texts: rows.map((row) => task.prepare(row)) });
    findings ||= decisions.some((decision) => isFinding(task, decision));
    await print(decisions.map((decision, index) => `${JSON.stringify({ id: rows[index]?.id, ...answerFields(described, decision) })}\n`).join(''));
  };
  let rows: Row[] = [];
  let number = 0;
  for await (const text of linesOf(input)) {
    number += 1;
    if (text.trim() === '') {
      continue;
    }
    const row = parseRow(text);
    if ('fault' in row) {
      await answer(rows);
      throw new UsageError(`Line ${number} of standard input ${row.fault}. Each line must be like ${JSON.stringify({ id: '1', ...task.example })}.`);
    }
    rows.push(row);
    if (rows.length === ROWS_AT_A_TIME) {
      await answer(rows);
      rows = [];
    }
  }
  await answer(rows);
  return findings;
}

async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw new UsageError(`Standard input cannot be read any further (${(error as Error).message}).`);
  }
}

function parseRow(line: string): Row | { readonly fault: string } {
  let row: unknown;
  try {
    // A byte order mark may stand in front of the first line.
    row = JSON.parse(line.replace(/^\ufeff/u, ''));
  } catch {
    return { fault: 'is not JSON' };
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    return { fault: 'is not an object' };
  }
  const { id, text, paths, heading } = row as Record<string, unknown>;
  if (typeof id !== 'string' && typeof id !== 'number') {
    return { fault: 'has no "id" that is a string or a number' };
  }
  if (Number.isInteger(id) && !Number.isSafeInteger(id)) {
    return { fault: 'has an "id" beyond the integers that JSON readers keep; make it a string' };
  }
  if (typeof text !== 'string') {
    return { fault: 'has no "text" that is a string' };
  }
  if (paths !== undefined && !(Array.isArray(paths) && paths.every((path) => typeof path === 'string'))) {
    return { fault: 'has "paths" that are not a list of strings' };
  }
  if (heading !== undefined && typeof heading !== 'string') {
    return { fault: 'has a "heading" that is not a string' };
  }
  return { id, text, paths, heading };
}
