import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { BASELINE_FILE } from '../core/findings/baseline';
import { REPORT_FORMATS } from '../core/findings/report';
import { POLICY_CHOICES, type PolicyChoice } from '../core/exits/policy-choice';
import { taskOf, type TaughtTask } from '../core/teach/taught-task';
import { taskById, TASKS } from '../core/tasks/tasks';
import type { Task } from '../core/tasks/task';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../engine/engine';
import { readTaughtTask } from './read-taught-task';
import { UsageError } from './usage-error';

/** How many processes can work at the same time on this machine. */
const PROCESSES = availableParallelism();

/** Text of `glance --help`. */
export const HELP = `glance: classifies code comments, commit messages and documentation on this machine, and says how sure it is.

Usage:
  glance classify [options] PATH...          the comments of files and folders (.gitignore is honoured);
                                             with --task doc-section the sections of Markdown files
  glance classify --jsonl [options] < IN     one text per line: {"id": ..., "text": "..."}
  glance teach [options] FILE.jsonl          how good a task is that was taught by the examples in a file

Options:
  --task TASK          what to classify for: ${TASKS.map(({ id }) => id).join(', ')} (default ${TASKS[0].id});
                       the package that ships has no comment-kind, which was not good enough (docs/results.md);
                       or a file of examples, as "Glance: Teach a Label" writes them: .vscode/glance/NAME.jsonl
  --max-disagreement D the greatest share of findings (of answers, where a task has no findings) that may differ from the
                       full model's, as in 1% or 0.01; 0 runs it in full (default: what the model package recommends)
  --full               never leave early (the same as --policy full)
  --format FORMAT      text (default): a line for each finding, or for each comment or section where a task has no findings;
                       jsonl: a line for each comment or section;
                       sarif, json, markdown: a report of the findings, when all is done
  --jsonl              read rows from standard input, write rows to standard output; rows of commit-type may have "paths"
                       (a list of strings), rows of doc-section a "heading" (a string)
  --fail-on-findings   end with status 1 when there is a finding
  --baseline FILE      leave out the findings that this baseline has: FILE is ${BASELINE_FILE}, as the editor or --write-baseline
                       made it, in the folder that its paths are relative to
  --write-baseline FILE  write all findings to this baseline, too; it holds fingerprints, nothing of the comments
  --model DIR          use the model package in this folder
  --processes N        work in at most N processes (default: ${PROCESSES}, the processors of this machine); small jobs take one
  --cache FOLDER       keep what was reckoned in this folder, so that a second time costs next to nothing; of the texts it holds hashes
  --execution-provider P  where the encoder runs: auto (the default: the processor, or a graphics card that is faster), cpu,
                       dml (DirectML) or cuda
  --help, --version

For experts, without --max-disagreement:
  --policy POLICY      when a text leaves early: at the first exit where
                       promise          (the default, takes no threshold) --max-disagreement is kept
                       certainty        the last exit gives the same answer with probability X or more
                       entropy          the answer's entropy is below X nats
                       max-probability  every part of the answer has probability X or more
                       patience         X exits in a row have repeated the answer
                       pcee             its entropy and that of the exit before are below X nats
                       f-pabee          it has moved less than X nats (Jensen-Shannon) since the exit before
                       full             (never)
  --threshold X        (default: what the model package recommends for the policy)

Status: 0 done, 1 findings (with --fail-on-findings only), 2 wrong usage or input.

Examples:
  glance classify src
  glance classify --format jsonl src | jq 'select(.label != "none")'
  glance classify --format sarif . > findings.sarif
  glance classify --write-baseline ${BASELINE_FILE} . && git add ${BASELINE_FILE}
  glance classify --baseline ${BASELINE_FILE} --fail-on-findings .
  glance classify --full --jsonl < rows.jsonl > answers.jsonl
  glance classify --task doc-section README.md docs
  glance teach .vscode/glance/security-notes.jsonl
  glance classify --task .vscode/glance/security-notes.jsonl src
  echo '{"id": 1, "text": "mend the login", "paths": ["src/login.ts"]}' | glance classify --task commit-type --jsonl
`;

/** What the user asked for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'classify-files'; readonly options: ClassifyOptions; readonly paths: readonly string[]; readonly output: FilesOutput }
  | { readonly kind: 'classify-rows'; readonly options: ClassifyOptions }
  | { readonly kind: 'teach'; readonly options: EngineChoice; readonly taught: TaughtTask };

const FORMATS = ['text', 'jsonl', ...REPORT_FORMATS.map(({ id }) => id)] as const;

/** How findings in files are told. */
export interface FilesOutput {
  readonly format: (typeof FORMATS)[number];
  /** A baseline whose findings are left out. */
  readonly baseline: string | undefined;
  /** Where to write a baseline. */
  readonly newBaseline: string | undefined;
}

/** What every command that needs the engine takes. */
export interface EngineChoice {
  readonly model: string | undefined;
  /** Most processes to work in, 1 or more. */
  readonly processes: number;
  readonly executionProvider: ExecutionProvider;
  /** Folder of the cache, if there is to be one. */
  readonly cache: string | undefined;
}

/** Options of both ways to classify. */
export interface ClassifyOptions extends EngineChoice {
  readonly task: Task;
  /** The task, where it is a taught one. */
  readonly taught: TaughtTask | undefined;
  readonly policy: PolicyChoice;
  readonly failOnFindings: boolean;
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
  if (command !== 'classify' && command !== 'teach') {
    throw new UsageError(command === undefined ? 'Say what to do, for example: glance classify src (See: glance --help)' : `There is no command "${command}"; there are classify and teach.`);
  }
  const engine: EngineChoice = {
    model: named('--model', 'folder', values.model),
    processes: processes(values.processes),
    executionProvider: executionProvider(values['execution-provider']),
    cache: named('--cache', 'folder', values.cache),
  };
  return command === 'teach' ? parseTeach(values, paths, engine) : parseClassify(values, paths, engine);
}

function parseTeach(values: Values, paths: readonly string[], options: EngineChoice): Command {
  const [file, ...others] = paths;
  if (file === undefined || others.length > 0) {
    throw new UsageError('Name the one file of examples, for example: glance teach .vscode/glance/security-notes.jsonl');
  }
  const given = FOR_CLASSIFY.find((option) => values[option] !== undefined);
  if (given !== undefined) {
    throw new UsageError(`--${given} is for glance classify: leave it out.`);
  }
  return { kind: 'teach', options, taught: readTaughtTask(file) };
}

/** Options that `glance teach` does not take. */
const FOR_CLASSIFY = ['task', 'max-disagreement', 'policy', 'threshold', 'full', 'format', 'jsonl', 'baseline', 'write-baseline', 'fail-on-findings'] as const;

function parseClassify(values: Values, paths: readonly string[], engine: EngineChoice): Command {
  const taught = values.task?.endsWith('.jsonl') ? readTaughtTask(values.task) : undefined;
  const options: ClassifyOptions = {
    ...engine,
    task: taught ? taskOf(taught) : task(values.task),
    taught,
    policy: policy(values),
    failOnFindings: values['fail-on-findings'] ?? false,
  };
  if (options.failOnFindings && options.task.silentLabel === undefined) {
    throw new UsageError(`The task ${options.task.id} sorts ${options.task.texts}; it has no findings to fail on: leave out --fail-on-findings.`);
  }
  if (values.jsonl) {
    if (paths.length > 0 || values.format !== undefined) {
      throw new UsageError('With --jsonl, rows come from standard input and go to standard output: leave out PATH and --format.');
    }
    if (values.baseline !== undefined || values['write-baseline'] !== undefined) {
      throw new UsageError('A baseline is of files: with --jsonl, leave out --baseline and --write-baseline.');
    }
    return { kind: 'classify-rows', options };
  }
  if (options.task.texts === 'commit messages' || options.task.texts === 'texts') {
    throw new UsageError(`The task ${options.task.id} is for ${options.task.texts}, which are not looked for in files: give them as rows with --jsonl.`);
  }
  if (paths.length === 0) {
    throw new UsageError('Name the files or folders to classify, for example: glance classify src');
  }
  return { kind: 'classify-files', options, paths, output: output(values, options.task) };
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        task: { type: 'string' },
        'max-disagreement': { type: 'string' },
        policy: { type: 'string' },
        threshold: { type: 'string' },
        full: { type: 'boolean' },
        format: { type: 'string' },
        jsonl: { type: 'boolean' },
        baseline: { type: 'string' },
        'write-baseline': { type: 'string' },
        'fail-on-findings': { type: 'boolean' },
        model: { type: 'string' },
        processes: { type: 'string' },
        'execution-provider': { type: 'string' },
        cache: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    // Node's own advice for a value that begins with a dash is of no use here: neither shares nor thresholds are below 0.
    const [, option] = /^Option '(--[\w-]+)[^']*' argument is ambiguous/u.exec((error as Error).message) ?? [];
    throw new UsageError(`${option ? `${option} takes a value that does not begin with a dash.` : (error as Error).message} (See: glance --help)`);
  }
}

function task(id: string | undefined): Task {
  try {
    return id === undefined ? TASKS[0] : taskById(id);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function policy({ full, policy: name = full ? 'full' : 'promise', threshold, 'max-disagreement': maxDisagreement }: Values): PolicyChoice {
  const kind = POLICY_CHOICES.find((known) => known === name);
  if (kind === undefined) {
    throw new UsageError(`There is no policy "${name}"; there are ${POLICY_CHOICES.join(', ')}.`);
  }
  if (full && (kind !== 'full' || threshold !== undefined || maxDisagreement !== undefined)) {
    throw new UsageError('--full never leaves early: leave out --max-disagreement, --policy and --threshold.');
  }
  if (kind === 'promise') {
    if (threshold !== undefined) {
      throw new UsageError('--threshold is for a policy of your choice other than promise: name it with --policy, or say --max-disagreement instead.');
    }
    return { kind, maxDisagreement: maxDisagreement === undefined ? undefined : share(maxDisagreement) };
  }
  if (maxDisagreement !== undefined) {
    throw new UsageError('--max-disagreement chooses policy and threshold by itself: leave out --policy and --threshold.');
  }
  if (kind === 'full') {
    if (threshold !== undefined) {
      throw new UsageError('--policy full never leaves early: leave out --threshold.');
    }
    return { kind };
  }
  if (threshold !== undefined && (threshold.trim() === '' || Number.isNaN(Number(threshold)))) {
    throw new UsageError(`--threshold must be a number, not "${threshold}".`);
  }
  return { kind, threshold: threshold === undefined ? undefined : Number(threshold) };
}

/** A share from 0 to 1, written as a percentage or as a fraction. A bare 1 is refused: it could be meant as either. */
function share(text: string): number {
  const [, digits, sign] = /^(\d+(?:\.\d*)?|\.\d+)(%?)$/u.exec(text.trim()) ?? [];
  // By the exponent, so that 0.3% is the same number as 0.003.
  const value = Number(sign ? `${digits}e-2` : digits);
  if (digits !== undefined && value <= 1 && (sign || value < 1)) {
    return value;
  }
  throw new UsageError(`--max-disagreement is a share, from 0% to 100%, like 1% or 0.01: not "${text}".${digits !== undefined && !sign ? ` Did you mean ${digits}%?` : ''}`);
}

/** An empty name is an unset variable of a script, not the folder that one is in. */
function named(option: string, what: 'file' | 'folder', name: string | undefined): string | undefined {
  if (name?.trim() === '') {
    throw new UsageError(`${option} takes the name of a ${what}; it is empty.`);
  }
  return name;
}

function processes(text = String(PROCESSES)): number {
  if (/^[1-9]\d{0,2}$/u.test(text)) {
    return Number(text);
  }
  throw new UsageError(`--processes is a whole number from 1 to 999, not "${text}".`);
}

function executionProvider(name: string = EXECUTION_PROVIDERS[0]): ExecutionProvider {
  const found = EXECUTION_PROVIDERS.find((known) => known === name);
  if (found === undefined) {
    throw new UsageError(`There is no execution provider "${name}"; there are ${EXECUTION_PROVIDERS.join(', ')}.`);
  }
  return found;
}

function output({ format: name = 'text', baseline, 'write-baseline': newBaseline }: Values, { id, texts, silentLabel }: Task): FilesOutput {
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
