import { parseArgs } from 'node:util';
import { POLICIES } from '../core/exits/policy';
import type { PolicyChoice } from '../core/exits/policy-choice';
import { taskById, TASKS } from '../core/tasks/tasks';
import type { Task } from '../core/tasks/task';

/** Text of `glance --help`. */
export const HELP = `glance: classifies code comments on this machine, and says how sure it is.

Usage:
  glance classify [options] PATH...          the comments of files and folders (.gitignore is honoured)
  glance classify --jsonl [options] < IN     one text per line: {"id": ..., "text": "..."}

Options:
  --task TASK          what to classify for: ${TASKS.map(({ id }) => id).join(', ')} (default ${TASKS[0].id})
  --policy POLICY      when a text may leave early: entropy (default) or patience
  --threshold X        entropy: leave below X nats; patience: leave when X exits in a row have repeated the answer
                       (default: what the model package recommends)
  --full               never leave early (the same as --policy full)
  --format FORMAT      text (default): a line for each finding; jsonl: a line for each comment
  --jsonl              read rows from standard input, write rows to standard output
  --fail-on-findings   end with status 1 when there is a finding
  --model DIR          use the model package in this folder
  --help, --version

Status: 0 done, 1 findings (with --fail-on-findings only), 2 wrong usage or input.

Examples:
  glance classify src
  glance classify --format jsonl src | jq 'select(.label != "none")'
  glance classify --full --jsonl < rows.jsonl > answers.jsonl
`;

/** What the user asked for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'classify-files'; readonly options: ClassifyOptions; readonly paths: readonly string[]; readonly format: 'text' | 'jsonl' }
  | { readonly kind: 'classify-rows'; readonly options: ClassifyOptions };

/** Options of both ways to classify. */
export interface ClassifyOptions {
  readonly task: Task;
  readonly policy: PolicyChoice;
  readonly failOnFindings: boolean;
  readonly model: string | undefined;
}

/** Wrong usage or input: the message goes to the user, the status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the command line. @throws {UsageError} saying what is wrong. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) {
    return { kind: 'help' };
  }
  if (values.version) {
    return { kind: 'version' };
  }
  const [command, ...paths] = positionals;
  if (command !== 'classify') {
    throw new UsageError(command === undefined ? 'Say what to do, for example: glance classify src' : `There is no command "${command}"; there is: classify.`);
  }
  const options: ClassifyOptions = {
    task: task(values.task),
    policy: policy(values),
    failOnFindings: values['fail-on-findings'] ?? false,
    model: values.model,
  };
  if (values.jsonl) {
    if (paths.length > 0 || values.format !== undefined) {
      throw new UsageError('With --jsonl, rows come from standard input and go to standard output: leave out PATH and --format.');
    }
    return { kind: 'classify-rows', options };
  }
  if (paths.length === 0) {
    throw new UsageError('Name the files or folders to classify, for example: glance classify src');
  }
  return { kind: 'classify-files', options, paths, format: format(values.format) };
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        task: { type: 'string' },
        policy: { type: 'string' },
        threshold: { type: 'string' },
        full: { type: 'boolean' },
        format: { type: 'string' },
        jsonl: { type: 'boolean' },
        'fail-on-findings': { type: 'boolean' },
        model: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message} (See: glance --help)`);
  }
}

function task(id: string | undefined): Task {
  try {
    return id === undefined ? TASKS[0] : taskById(id);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function policy({ full, policy: name = full ? 'full' : 'entropy', threshold }: Values): PolicyChoice {
  const kind = POLICIES.find((known) => known === name);
  if (kind === undefined) {
    throw new UsageError(`There is no policy "${name}"; there are ${POLICIES.join(', ')}.`);
  }
  if (full && (kind !== 'full' || threshold !== undefined)) {
    throw new UsageError('--full never leaves early: leave out --policy and --threshold.');
  }
  if (threshold !== undefined && (threshold.trim() === '' || Number.isNaN(Number(threshold)))) {
    throw new UsageError(`--threshold must be a number, not "${threshold}".`);
  }
  return { kind, threshold: threshold === undefined ? undefined : Number(threshold) };
}

function format(name: string | undefined): 'text' | 'jsonl' {
  if (name === undefined || name === 'text' || name === 'jsonl') {
    return name ?? 'text';
  }
  throw new UsageError(`There is no format "${name}"; there are text and jsonl.`);
}
