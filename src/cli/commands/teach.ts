import { review } from '../../core/teach/examples';
import { reportMarkdown } from '../../core/teach/report';
import { command } from '../command-line/command';
import { MODEL_OPTIONS, modelChoice } from '../engine-options';
import { LocalEngine } from '../../engine/local-engine';
import { print } from '../output';
import { readTaughtTask } from '../read-taught-task';
import { UsageError } from '../usage-error';

/** `glance teach`: trains a taught task and prints how good it is, in Markdown. */
export const TEACH = command({
  name: 'teach',
  summary: 'says how good a task is that was taught by the examples in a file',
  usage: ['teach [options] FILE.jsonl'],
  options: MODEL_OPTIONS,
  offer: 'files',
  notes: [
    'The first line of the file is a header, each other an example, as "Glance: Teach a Label" writes them:\n  {"glance": 1, "task": "security-notes", "title": "Security notes", "texts": "comments", "silent": "other"}\n  {"text": "never log this token", "label": "security"}',
  ],
  examples: [
    ['glance teach .vscode/glance/security-notes.jsonl', 'a report in Markdown: how often it is right, which examples look mislabelled'],
    ['glance classify --task .vscode/glance/security-notes.jsonl src', 'classifies with it'],
  ],
  async run(values, [file, ...others]) {
    if (file === undefined || others.length > 0) {
      throw new UsageError('Name the one file of examples, for example: glance teach .vscode/glance/security-notes.jsonl');
    }
    const task = readTaughtTask(file);
    const { files, executionProvider } = modelChoice(values);
    const engine = new LocalEngine(files, { executionProvider });
    try {
      const { estimate } = await engine.teach(task);
      await print(reportMarkdown({ title: task.title, silent: task.silent, remarks: review(task).remarks }, estimate));
      return 0;
    } finally {
      await engine.dispose();
    }
  },
});
