import { review } from '../core/teach/examples';
import { reportMarkdown } from '../core/teach/report';
import type { TaughtTask } from '../core/teach/taught-task';
import type { Engine } from '../engine/engine';
import { print } from './output';

/**
 * Trains a taught task and prints how good it is, in Markdown.
 * @throws {RangeError} with a message for the user when it has too few examples.
 */
export async function teach(task: TaughtTask, engine: Engine): Promise<void> {
  const { estimate } = await engine.teach(task);
  await print(reportMarkdown({ title: task.title, silent: task.silent, remarks: review(task).remarks }, estimate));
}
