import { fstatSync } from 'node:fs';
import { shareInPercent } from '../../core/exits/promise';
import { BASELINE_FILE } from '../../core/findings/baseline';
import { MINIMUM_FINDING_CONFIDENCE } from '../../core/findings/finding';
import { taskOf } from '../../core/teach/taught-task';
import { taskById, TASKS } from '../../core/tasks/tasks';
import type { Task } from '../../core/tasks/task';
import { classifyFiles } from '../classify/classify-files';
import { classifyRows } from '../classify/classify-rows';
import { inOrderFor } from '../classify/in-order';
import { FORMATS, type ClassifyOptions, type FilesOutput } from '../classify/options';
import { POLICIES_EXPLAINED, policyOf, POLICY_OPTIONS, PROMISE_OPTIONS } from '../classify/policy';
import { command, type Options, type Values } from '../command-line/command';
import { named, shareOf } from '../command-line/values';
import { ENGINE_OPTIONS, engineChoice, openEngines } from '../engine-options';
import { readTaughtTask } from '../read-taught-task';
import { UsageError } from '../usage-error';

const OPTIONS = {
  task: {
    value: 'TASK',
    offer: TASKS.map(({ id }) => id),
    help: `what to classify for: ${TASKS.map(({ id }) => id).join(', ')} (default ${TASKS[0].id}); the package that ships has no comment-kind, which was not good enough (docs/results.md); or a file of examples, as "Glance: Teach a Label" writes them: .vscode/glance/NAME.jsonl`,
  },
  ...PROMISE_OPTIONS,
  format: {
    value: 'FORMAT',
    offer: FORMATS,
    help: 'how it is told: text (default): a line for each finding, or for each comment or section where a task has no findings; jsonl: a line for each comment or section; sarif, json, markdown: a report of the findings, when all is done',
  },
  jsonl: { help: 'read rows from standard input, write rows to standard output; rows of commit-type may have "paths" (a list of strings), rows of doc-section a "heading" (a string)' },
  'minimum-confidence': {
    value: 'P',
    help: `how sure the model must be that a finding is one, of whatever label, for it to count, as in 70% or 0.7 (default: ${shareInPercent(MINIMUM_FINDING_CONFIDENCE)}); jsonl tells all, each with its "findingConfidence"`,
  },
  'fail-on-findings': { help: 'end with status 1 when there is a finding' },
  baseline: { value: 'FILE', offer: 'files', help: `leave out the findings that this baseline has: FILE is ${BASELINE_FILE}, as the editor or --write-baseline made it, in the folder that its paths are relative to` },
  'write-baseline': { value: 'FILE', offer: 'files', help: 'write all findings to this baseline, too, however sure; it holds fingerprints, nothing of the comments' },
  ...ENGINE_OPTIONS,
  ...POLICY_OPTIONS,
} as const satisfies Options;

type ClassifyValues = Values<typeof OPTIONS>;

/** `glance classify`. */
export const CLASSIFY = command({
  name: 'classify',
  summary: 'classifies the comments of files and folders, sections of Markdown files, or rows of text',
  usage: [
    'classify [options] PATH...      the comments of files and folders (.gitignore is honoured); with --task doc-section the sections of Markdown files',
    'classify --jsonl [options] < IN one text per line: {"id": ..., "text": "..."}',
  ],
  options: OPTIONS,
  offer: 'files',
  notes: [POLICIES_EXPLAINED],
  statuses: { 1: 'there are findings (with --fail-on-findings only)' },
  examples: [
    ['glance classify src', 'findings, one per line: path:line:column: what, how sure, at which exit'],
    ["glance classify --format jsonl src | jq 'select(.label != \"none\")'", 'every comment as JSON, of which jq keeps the findings'],
    ['glance classify --format sarif . > findings.sarif', 'a report that code scanning reads'],
    [`glance classify --write-baseline ${BASELINE_FILE} . && git add ${BASELINE_FILE}`, 'takes what there is for known'],
    [`glance classify --baseline ${BASELINE_FILE} --fail-on-findings .`, 'fails on what is new since'],
    ['glance classify --task doc-section README.md docs', 'what each section is about'],
    ['glance classify --full --jsonl < rows.jsonl > answers.jsonl', 'rows in, answers out, in order, in constant memory'],
    [`echo '{"id": 1, "text": "mend the login", "paths": ["src/login.ts"]}' | glance classify --task commit-type --jsonl`, 'the type of a commit'],
    ['glance classify --task .vscode/glance/security-notes.jsonl src', 'by labels of your own'],
  ],
  async run(values, paths) {
    const options = optionsOf(values);
    const output = values.jsonl ? noOutput(values, paths) : outputOf(values, paths, options.task);
    const failOnFindings = values['fail-on-findings'] ?? false;
    if (failOnFindings && options.task.silentLabel === undefined) {
      throw new UsageError(`The task ${options.task.id} sorts ${options.task.texts}; it has no findings to fail on: leave out --fail-on-findings.`);
    }
    if (values['minimum-confidence'] !== undefined && options.task.silentLabel === undefined) {
      throw new UsageError(`The task ${options.task.id} sorts ${options.task.texts}; it has no findings to be sure of: leave out --minimum-confidence.`);
    }
    const choice = engineChoice(values);
    const engine = openEngines(choice);
    const inOrder = inOrderFor(choice.processes);
    try {
      const { findings, faults } = output
        ? await classifyFiles(options, paths, output, engine, inOrder)
        : { findings: await classifyRows(options, engine, inOrder, standardInput()), faults: false };
      return faults ? 2 : Number(findings && failOnFindings);
    } finally {
      await engine.dispose();
    }
  },
});

function optionsOf(values: ClassifyValues): ClassifyOptions {
  const taught = values.task?.endsWith('.jsonl') ? readTaughtTask(values.task) : undefined;
  const share = values['minimum-confidence'];
  // The default is for debt, whose findings were audited.
  const minimumConfidence = share === undefined ? (taught ? 0 : MINIMUM_FINDING_CONFIDENCE) : shareOf('--minimum-confidence', '70% or 0.7', share);
  return { task: taught ? taskOf(taught) : task(values.task), taught, policy: policyOf(values), minimumConfidence };
}

function task(id: string | undefined): Task {
  try {
    return id === undefined ? TASKS[0] : taskById(id);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Rows are answered by rows: nothing else is to be said of the output. */
function noOutput({ format, baseline, 'write-baseline': newBaseline }: ClassifyValues, paths: readonly string[]): undefined {
  if (paths.length > 0 || format !== undefined) {
    throw new UsageError('With --jsonl, rows come from standard input and go to standard output: leave out PATH and --format.');
  }
  if (baseline !== undefined || newBaseline !== undefined) {
    throw new UsageError('A baseline is of files: with --jsonl, leave out --baseline and --write-baseline.');
  }
}

function outputOf({ format: name = 'text', baseline, 'write-baseline': newBaseline }: ClassifyValues, paths: readonly string[], { id, texts, silentLabel }: Task): FilesOutput {
  if (texts === 'commit messages' || texts === 'texts') {
    throw new UsageError(`The task ${id} is for ${texts}, which are not looked for in files: give them as rows with --jsonl.`);
  }
  if (paths.length === 0) {
    throw new UsageError('Name the files or folders to classify, for example: glance classify src');
  }
  const format = FORMATS.find((known) => known === name);
  if (format === undefined) {
    throw new UsageError(`There is no format "${name}"; there are ${FORMATS.join(', ')}.`);
  }
  const ofFindings = [format !== 'text' && format !== 'jsonl' && `--format ${format}`, baseline !== undefined && '--baseline', newBaseline !== undefined && '--write-baseline'].filter(Boolean);
  if (silentLabel === undefined && ofFindings.length > 0) {
    throw new UsageError(`The task ${id} sorts ${texts}; it has no findings to list: leave out ${ofFindings.join(' and ')}.`);
  }
  if (baseline !== undefined && newBaseline !== undefined) {
    throw new UsageError('--write-baseline writes all findings: leave out --baseline.');
  }
  return { format, baseline: named('--baseline', 'file', baseline), newBaseline: named('--write-baseline', 'file', newBaseline) };
}

/** @throws {UsageError} when it is a folder, which Node.js takes for an empty input. */
function standardInput(): NodeJS.ReadableStream {
  if (fstatSync(process.stdin.fd).isDirectory()) {
    throw new UsageError('Standard input is a folder; it must be rows like {"id": "1", "text": "// a comment"}.');
  }
  return process.stdin;
}
