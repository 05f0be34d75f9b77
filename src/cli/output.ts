import { once } from 'node:events';
import type { Decision } from '../core/exits/decision';
import type { TaskDescription } from '../engine/engine';

/** Writes to standard output, waiting when the reader is slower, so that memory stays constant. */
export async function print(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) {
    await once(process.stdout, 'drain');
  }
}

/** Tells the person at the terminal something that is not part of the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Ends when results can no longer be written: quietly when their reader has seen enough (`| head`), with status 2 otherwise (a full disk). */
export function endWithOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      process.exit(0);
    }
    note(`glance: the results cannot be written (${error.message}).`);
    process.exit(2);
  });
}

/** The part of a JSON line that is the same for rows and comments of files. */
export function answerFields(task: TaskDescription, { label, labels, confidence, findingConfidence, exit, engine, trace }: Decision): Record<string, unknown> {
  const last = trace.at(-1)?.probabilities ?? [];
  const probabilities = Object.fromEntries(task.labels.map((name, index) => [name, last[index] ?? 0]));
  return { label, ...(task.multiLabel && { labels }), confidence, ...(findingConfidence !== undefined && { findingConfidence }), exit, engine, probabilities };
}
