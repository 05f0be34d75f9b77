import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describeVerdict, judge, MINIMUM_CONFIDENCE, type Verdict } from '../../core/commits/verdict';
import type { Decision } from '../../core/exits/decision';
import { parseCommitMessage, saysEnough, textOf, typeEdit, type CommitMessage } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import { describeDecision, percent } from '../../core/tasks/describe';
import { describeDegradation } from '../../engine/engine';
import { shareOf } from '../classify/policy';
import { command, type Options } from '../command-line/command';
import { MODEL_OPTIONS, modelChoice, startEngine, type ModelChoice } from '../engine-options';
import { git } from '../git';
import { note, print } from '../output';
import { UsageError } from '../usage-error';

const OPTIONS = {
  strict: { help: 'end with status 1, so that git commits nothing, where the type is missing or reads like another' },
  'minimum-confidence': { value: 'P', help: `how sure the model must be of another type than the typed one to say so, as in 90% or 0.9 (default: ${percent(MINIMUM_CONFIDENCE)})` },
  ...MODEL_OPTIONS,
} as const satisfies Options;

/** `glance commit-msg`. */
export const COMMIT_MSG = command({
  name: 'commit-msg',
  summary: 'checks the type of a commit message (Conventional Commits), as a hook of git or by hand',
  usage: ['commit-msg [options] [FILE]    the message in FILE, in standard input (-), or the one that git wrote last (COMMIT_EDITMSG)'],
  options: OPTIONS,
  offer: 'files',
  notes: [
    'Says which type the message reads like; a type that is missing, or that the model is sure is another, is told on standard error. What git strips is\n' +
      'not read; the staged paths count, too. Messages of merges, reverts, fixup! and squash! commits are left alone, and so are types that only your\n' +
      'project has. Where the model cannot run, it is said, and nothing is refused.',
    `As a hook of git:
  printf '#!/bin/sh\\nglance commit-msg "$1"\\n' > .git/hooks/commit-msg && chmod +x .git/hooks/commit-msg
With husky, in .husky/commit-msg:
  npx --no-install glance commit-msg "$1"
With lefthook, in lefthook.yml:
  commit-msg: { commands: { glance: { run: npx --no-install glance commit-msg {1} } } }`,
  ],
  statuses: { 1: 'the type is missing or reads like another (with --strict only)' },
  examples: [
    ['glance commit-msg', 'the message of the last commit that git asked for'],
    ["echo 'feat: correct a typo in the guide' | glance commit-msg -", 'any message'],
    ['glance commit-msg --strict "$1"', 'in a hook that refuses commits'],
  ],
  async run({ strict = false, 'minimum-confidence': share, ...values }, operands) {
    const minimumConfidence = share === undefined ? MINIMUM_CONFIDENCE : shareOf('--minimum-confidence', share);
    const choice = modelChoice(values);
    const message = parseCommitMessage(await readMessage(operands), ...(await commentsOfGit()));
    // A merge that needed a hand has a message of its author's.
    if (message.subject === '' || message.madeByGit || (await git('rev-parse', '--quiet', '--verify', 'MERGE_HEAD')) !== undefined) {
      return 0;
    }
    const decision = saysEnough(message) ? await classify(message, choice) : undefined;
    const verdict = judge(message, decision, { check: 'always', conventions: undefined, minimumConfidence });
    if (verdict !== undefined) {
      note(decision ? `glance: ${describeVerdict(verdict, message, decision)}.\n  ${suggestion(message, decision)}` : 'glance: No type yet, as in "fix: ...".');
    } else if (decision) {
      await print(`Reads like ${decision.label}: ${describeDecision(COMMIT_TYPE, decision)}.\n`);
    }
    return refuse(verdict, strict);
  },
});

function refuse(verdict: Verdict | undefined, strict: boolean): number {
  if (verdict === undefined || !strict) {
    return 0;
  }
  note('Mend the type, or keep yours with: git commit --no-verify');
  return 1;
}

/** @returns nothing, and says why, where the model cannot run: a commit must not fail for it. */
async function classify(message: CommitMessage, choice: ModelChoice): Promise<Decision | undefined> {
  const engine = startEngine(choice);
  try {
    const staged = message.paths.length > 0 ? message.paths : await stagedPaths();
    const [[decision], model] = await Promise.all([
      engine.classify({ task: COMMIT_TYPE.id, texts: [COMMIT_TYPE.prepare({ text: textOf(message), paths: staged })], policy: { kind: 'promise' } }),
      engine.describe(),
    ]);
    if (model.degraded) {
      note(describeDegradation(model));
    }
    return decision;
  } catch (error) {
    note(`glance: The message was not classified: ${(error as Error).message}`);
    return undefined;
  } finally {
    await engine.dispose();
  }
}

async function stagedPaths(): Promise<string[]> {
  return (await git('diff', '--cached', '--name-only', '-z'))?.split('\0').filter(Boolean) ?? [];
}

/** The subject as it would be with the type that it reads like. */
function suggestion(message: CommitMessage, { label }: Decision): string {
  const { range, text } = typeEdit(message, label);
  const at = message.subjectRange.start;
  return `${message.subject.slice(0, range.start - at)}${text}${message.subject.slice(range.end - at)}`;
}

/** @throws {UsageError} when there is no message to read. */
async function readMessage([name, ...others]: readonly string[]): Promise<string> {
  if (others.length > 0) {
    throw new UsageError('Name one file with one message.');
  }
  if (name === '-') {
    return text(process.stdin);
  }
  const file = name ?? (await git('rev-parse', '--git-path', 'COMMIT_EDITMSG'))?.trim();
  if (file === undefined) {
    throw new UsageError('Name the file of the message, or - for standard input: there is no repository of git here.');
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code ?? String(error)}).`);
  }
}

/** Whether git will strip comments from the message, and what they begin with, unless git chose that itself. */
async function commentsOfGit(): Promise<[hasComments: boolean, mark: string | undefined]> {
  // Two names of one setting, of which the last that is set holds.
  const [cleanup, marks = ''] = await Promise.all([git('config', 'commit.cleanup'), git('config', '--get-regexp', String.raw`^core\.comment(char|string)$`)].map(async (asked) => (await asked)?.trim()));
  const mark = marks.split('\n').at(-1)?.replace(/^\S+\s*/u, '') ?? '';
  // Where no editor opens, git tells its hooks so by this variable, and keeps comments.
  const strips = cleanup === 'strip' || (cleanup !== 'verbatim' && cleanup !== 'whitespace' && process.env['GIT_EDITOR'] !== ':');
  return [strips, mark === 'auto' ? undefined : mark || '#'];
}
