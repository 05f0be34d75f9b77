import { createInterface } from 'node:readline';
import { pMapIterable } from 'p-map';
import type { Decision } from '../../core/exits/decision';
import { isSureFinding } from '../../core/tasks/describe';
import { faultOfInput, type Task, type TaskInput } from '../../core/tasks/task';
import type { Engine } from '../../engine/engine';
import type { InOrder } from './in-order';
import { answerFields, print } from '../output';
import { taskOfModel } from './task-of-model';
import type { ClassifyOptions } from './options';
import { UsageError } from '../usage-error';

/** Rows that are classified together: enough for full batches of one length, little enough to stay in memory. */
const ROWS_AT_A_TIME = 512;

/** Pause in the input, in milliseconds, after which the rows so far are answered: whoever writes them may wait for it. */
const PAUSE = 50;

interface Row extends TaskInput {
  readonly id: string | number;
}

/**
 * Reads rows from standard input and writes their answers in the same order, in constant memory.
 * @returns whether there was a finding that counts.
 * @throws {UsageError} with the number of the line at the first bad row, after the rows before it were answered.
 */
export async function classifyRows(options: ClassifyOptions, engine: Engine, inOrder: InOrder, input: NodeJS.ReadableStream): Promise<boolean> {
  const { task, taught, policy, minimumConfidence } = options;
  const described = await taskOfModel(options, engine);
  let findings = false;
  const answered = async (rows: readonly Row[]): Promise<readonly [readonly Row[], readonly Decision[]]> => [
    rows,
    await engine.classify({ task: taught ?? task.id, policy, priority: 'scan', texts: rows.map((row) => task.prepare(row)) }),
  ];
  let fault: UsageError | undefined;
  const rows = rowsOf(input, task, (error) => (fault = error));
  for await (const [batch, decisions] of pMapIterable(rows, answered, inOrder)) {
    findings ||= decisions.some((decision) => isSureFinding(task, decision, minimumConfidence));
    await print(decisions.map((decision, index) => `${JSON.stringify({ id: batch[index]?.id, ...answerFields(described, decision) })}\n`).join(''));
  }
  if (fault) {
    throw fault;
  }
  return findings;
}

/** Rows of an input in batches, up to the first fault. */
async function* rowsOf(input: NodeJS.ReadableStream, { example }: Task, onFault: (fault: UsageError) => void): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  let number = 0;
  try {
    for await (const text of withPauses(linesOf(input), PAUSE)) {
      if (text === undefined) {
        if (rows.length > 0) {
          yield rows;
          rows = [];
        }
        continue;
      }
      number += 1;
      if (text.trim() === '') {
        continue;
      }
      const row = parseRow(text);
      if ('fault' in row) {
        throw new UsageError(`Line ${number} of standard input ${row.fault}. Each line must be like ${JSON.stringify({ id: '1', ...example })}.`);
      }
      rows.push(row);
      if (rows.length === ROWS_AT_A_TIME) {
        yield rows;
        rows = [];
      }
    }
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    // After the answers to the rows before it.
    onFault(error);
  }
  if (rows.length > 0) {
    yield rows;
  }
}

/** What comes, and `undefined` whenever nothing has come for a while. */
async function* withPauses<Item>(items: AsyncGenerator<Item>, milliseconds: number): AsyncGenerator<Item | undefined> {
  // One pause is told of once: whoever waits for a row does not wait anew every time.
  let [came, isPaused, wake] = [false, false, (): void => undefined];
  // One timer for all of them: one for each of hundreds of thousands of rows would take longer than to classify it.
  const timer = setInterval(() => {
    if (!came && !isPaused) {
      isPaused = true;
      wake();
    }
    came = false;
  }, milliseconds);
  try {
    let next: Promise<IteratorResult<Item>> | undefined;
    for (;;) {
      next ??= items.next();
      const result = await Promise.race([next, new Promise<undefined>((resolve) => (wake = () => resolve(undefined)))]);
      if (result?.done) {
        return;
      }
      if (result) {
        [came, isPaused] = [true, false];
        next = undefined;
      } else {
        // It may fail while nobody waits for it; who waits for it next hears of that.
        next.catch(() => undefined);
      }
      yield result?.value;
    }
  } finally {
    clearInterval(timer);
    void items.return(undefined);
  }
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
    return { fault: /[\0\ufffd]/u.test(line) ? 'is not JSON in UTF-8, but in another encoding, it seems' : 'is not JSON' };
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    return { fault: 'is not an object' };
  }
  const { id } = row as Record<string, unknown>;
  if (typeof id !== 'string' && typeof id !== 'number') {
    return { fault: 'has no "id" that is a string or a number' };
  }
  if (Number.isInteger(id) && !Number.isSafeInteger(id)) {
    return { fault: 'has an "id" beyond the integers that JSON readers keep; make it a string' };
  }
  const fault = faultOfInput(row as Record<string, unknown>);
  return fault === undefined ? { ...(row as TaskInput), id } : { fault };
}
