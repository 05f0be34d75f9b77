import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describeVerdict, judge, MINIMUM_CONFIDENCE, type Verdict } from '../../core/commits/verdict';
import type { Decision } from '../../core/exits/decision';
import { parseCommitMessage, saysEnough, textOf, typeEdit, type CommitMessage } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import { describeDecision, percent } from '../../core/tasks/describe';
import { describeDegradation } from '../../engine/engine';
import { shareOf } from '../command-line/values';
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
  usage: ['commit-msg [options] [FILE]    the message in FILE, in standard input (-), or that of the last commit (COMMIT_EDITMSG; in a fresh clone, HEAD)'],
  options: OPTIONS,
  offer: 'files',
  notes: [
    'Says which type the message reads like; a type that is missing, or that the model is sure is another, is told on standard error. What git strips is\n' +
      'not read; the staged paths count, too. Messages of merges, reverts, fixup! and squash! commits are left alone, and so are types that only your\n' +
      'project has. Where the model cannot run, it is said, and with --strict a missing type alone is refused.',
    `As a hook of git:
  printf '#!/bin/sh\\nglance commit-msg "$1"\\n' > .git/hooks/commit-msg && chmod +x .git/hooks/commit-msg
With husky, in .husky/commit-msg:
  npx --no-install glance commit-msg "$1"
With lefthook, in lefthook.yml:
  commit-msg: { commands: { glance: { run: npx --no-install glance commit-msg {1} } } }`,
  ],
  statuses: { 1: 'the type is missing or reads like another (with --strict only)' },
  examples: [
    ['glance commit-msg', 'the message of the last commit'],
    ["echo 'feat: correct a typo in the guide' | glance commit-msg -", 'any message'],
    ['glance commit-msg --strict "$1"', 'in a hook that refuses commits'],
  ],
  async run({ strict = false, 'minimum-confidence': share, ...values }, operands) {
    const minimumConfidence = share === undefined ? MINIMUM_CONFIDENCE : shareOf('--minimum-confidence', '90% or 0.9', share);
    const choice = modelChoice(values);
    const { written, isCommitted } = await readMessage(operands);
    const comments: readonly [hasComments: boolean, mark?: string | undefined] = isCommitted ? [false] : await commentsOfGit();
    const message = parseCommitMessage(written, ...comments);
    // A merge that needed a hand has a message of its author's.
    if (message.subject === '' || message.madeByGit || (await git('rev-parse', '--quiet', '--verify', 'MERGE_HEAD')) !== undefined) {
      return 0;
    }
    const decision = saysEnough(message) ? await classify(message, isCommitted, choice) : undefined;
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
async function classify(message: CommitMessage, isCommitted: boolean, choice: ModelChoice): Promise<Decision | undefined> {
  const engine = startEngine(choice);
  try {
    const paths = message.paths.length > 0 ? message.paths : await changedPaths(isCommitted);
    const [[decision], model] = await Promise.all([
      engine.classify({ task: COMMIT_TYPE.id, texts: [COMMIT_TYPE.prepare({ text: textOf(message), paths })], policy: { kind: 'promise' } }),
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

/** What the commit changes: what is staged or, where it is made, what it changed. */
async function changedPaths(isCommitted: boolean): Promise<string[]> {
  const changed = isCommitted ? git('show', '--format=', '--name-only', '-z', 'HEAD') : git('diff', '--cached', '--name-only', '-z');
  return (await changed)?.split('\0').filter(Boolean) ?? [];
}

/** The subject as it would be with the type that it reads like. */
function suggestion(message: CommitMessage, { label }: Decision): string {
  const { range, text } = typeEdit(message, label);
  const at = message.subjectRange.start;
  return `${message.subject.slice(0, range.start - at)}${text}${message.subject.slice(range.end - at)}`;
}

/** A message, and whether its commit is made: then nothing in it is a comment any more. */
interface Message {
  readonly written: string;
  readonly isCommitted: boolean;
}

/** @throws {UsageError} when there is no message to read. */
async function readMessage([name, ...others]: readonly string[]): Promise<Message> {
  if (others.length > 0) {
    throw new UsageError('Name one file with one message.');
  }
  if (name === '-') {
    return { written: await text(process.stdin), isCommitted: false };
  }
  const file = name ?? (await git('rev-parse', '--git-path', 'COMMIT_EDITMSG'))?.trim();
  if (file === undefined) {
    throw new UsageError('Name the file of the message, or - for standard input: there is no repository of git here.');
  }
  try {
    return { written: await readFile(file, 'utf8'), isCommitted: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (name === undefined && code === 'ENOENT') {
      return messageOfHead();
    }
    throw new UsageError(code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code ?? String(error)}).`);
  }
}

/** Git writes COMMIT_EDITMSG with the first commit that it makes here: a fresh clone has none. @throws {UsageError} where there is no commit. */
async function messageOfHead(): Promise<Message> {
  const written = await git('log', '-1', '--format=%B');
  if (written === undefined) {
    throw new UsageError('There is no commit here yet: name the file of the message, or - for standard input.');
  }
  return { written, isCommitted: true };
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
