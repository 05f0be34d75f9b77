import type { OffsetRange } from '../snippet';

/** Characters of a source that are read: messages are short, and what follows them may be a diff of megabytes. */
const LONGEST_MESSAGE = 100_000;

/**
 * A subject's type, scope and mark of a breaking change (https://www.conventionalcommits.org), with or without a description yet. By our own
 * expression: conventional-commits-parser 6.4.0 does not say where it found a type, throws on an empty message, finds no type before the space after
 * it is typed, brings Node.js streams along, and takes 20 seconds for a line of 2,000 letters.
 */
const HEADER = /^(?<type>\p{L}[\p{L}\p{N}_-]*)(?:\((?<scope>[^()]*)\))?(?<breaking>!)?:\s*(?<description>.*)$/u;

/** Subjects that git writes itself, or that it will do away with. */
const MADE_BY_GIT = /^(?:Merge (?:branch|branches|commit|commits|tag|tags|remote-tracking|pull request)\b|Revert "|Reapply "|(?:fixup|squash|amend)! )/u;

/** Those of them that change something by themselves. */
const REVERT = /^(?:Revert|Reapply) "/u;

/** A path that the status lists in the comments of a message, behind their marker: a tab, what happened in the user's language, and the path. */
const LISTED_PATH = /^\t[^:：]+[:：]\s+(?:.* -> )?(?<path>.+)$/u;

/** Git's line above the diff of `git commit --verbose`, behind the marker of comments: it and all that follows are no part of the message. */
const SCISSORS = /^ -+ >8 -+\s*$/u;

/** The marker of comments, where git has not been told of another one. */
const USUAL_MARKER = '#';

/**
 * Where a message that git has prepared shows the marker (`core.commentString`, which may also be left to git to choose): before the scissors, and in
 * the sentence that says which lines will be ignored, which names it in quotes in every language.
 */
const SHOWN_BY_SCISSORS = /^(?<marker>\S+) -{8,} >8 -{8,}\s*$/mu;
const SHOWN_IN_QUOTES = /^(?<marker>[^\p{L}\p{N}\s'"]+)(?=\s).*['"‘“„«「]\s?\k<marker>\s?['"’”»」]/gmu;

/** Lines at the end of a body that say who took part, not what changed. */
const TRAILER = /^[A-Za-z][\w-]*-by: /u;

/** The part of a subject that Conventional Commits defines. */
export interface Header {
  /** As its author spelled it. */
  readonly type: string;
  /** Of the type alone, in the source. */
  readonly typeRange: OffsetRange;
  readonly scope: string | undefined;
  /** Whether it has the mark of a breaking change, `!`. */
  readonly breaking: boolean;
  readonly description: string;
}

/** A commit's message. */
export interface CommitMessage {
  /** First line, without white space around it. Empty where nothing is written yet. */
  readonly subject: string;
  /** Of the subject in the source; empty where a subject would begin. */
  readonly subjectRange: OffsetRange;
  /** What follows the subject, without those who took part. */
  readonly body: string;
  readonly header: Header | undefined;
  /** Whether its author marks the change as a breaking one: by `!`, or in a footer. */
  readonly breaking: boolean;
  /** Whether git wrote the subject: of merges, reverts, and commits to be squashed. */
  readonly madeByGit: boolean;
  /** Whether git wrote it of a commit that undoes or restores another. */
  readonly isRevert: boolean;
  /** Paths to be committed, as git lists them in the comments of COMMIT_EDITMSG. */
  readonly paths: readonly string[];
}

/**
 * Reads a message, finished or half typed.
 * @param hasComments whether git will strip comments from it, as from COMMIT_EDITMSG.
 * @param knownMarker what they begin with, git's `core.commentChar`; else it is read off git's own lines, or is a number sign.
 */
export function parseCommitMessage(source: string, hasComments = false, knownMarker?: string): CommitMessage {
  const lines: string[] = [];
  let subjectRange: OffsetRange = { start: 0, end: 0 };
  const listed = new ListedPaths();
  const read = source.slice(0, LONGEST_MESSAGE);
  const marker = hasComments ? (knownMarker ?? markerOf(read)) : undefined;
  for (const [line, offset] of linesOf(read)) {
    const comment = marker !== undefined && line.startsWith(marker) ? line.slice(marker.length) : undefined;
    if (comment !== undefined && SCISSORS.test(comment)) {
      break;
    }
    if (comment !== undefined) {
      listed.read(comment);
    } else if (lines.length > 0) {
      lines.push(line);
    } else if (line.trim() !== '') {
      const start = offset + line.length - line.trimStart().length;
      subjectRange = { start, end: start + line.trim().length };
      lines.push(line.trim());
    }
  }
  const [subject = '', ...rest] = lines;
  const header = headerOf(subject, subjectRange.start);
  return {
    subject,
    subjectRange,
    body: rest.filter((line) => !TRAILER.test(line)).join('\n').trim(),
    header,
    breaking: header?.breaking === true || rest.some((line) => /^BREAKING[ -]CHANGE: /u.test(line)),
    madeByGit: MADE_BY_GIT.test(subject),
    isRevert: REVERT.test(subject),
    paths: listed.paths,
  };
}

/** What the model is to read of a message, as it learnt from others: subject and body, without those who took part. */
export function textOf({ subject, body }: Pick<CommitMessage, 'subject' | 'body'>): string {
  return `${subject}\n\n${body}`;
}

/** Whether a message says enough for its type to be told: its author has written two words, besides the type. The model never learnt from fewer. */
export function saysEnough({ subject, header, body, madeByGit }: CommitMessage): boolean {
  return !madeByGit && `${header ? header.description : subject} ${body}`.trim().split(/\s+/u).length >= 2;
}

/** The edit that gives a message a type: a typed one is replaced, its scope kept; otherwise one is put in front. */
export function typeEdit({ header, subjectRange: { start } }: CommitMessage, type: string): { readonly range: OffsetRange; readonly text: string } {
  return header ? { range: header.typeRange, text: type } : { range: { start, end: start }, text: `${type}: ` };
}

function headerOf(subject: string, start: number): Header | undefined {
  const { type, scope, breaking, description } = HEADER.exec(subject)?.groups ?? {};
  return type === undefined || description === undefined ? undefined : { type, typeRange: { start, end: start + type.length }, scope, breaking: breaking !== undefined, description };
}

function markerOf(source: string): string {
  // Of those in quotes, the last: git writes below what people write.
  const shown = SHOWN_BY_SCISSORS.exec(source) ?? [...source.matchAll(SHOWN_IN_QUOTES)].at(-1);
  return shown?.groups?.['marker'] ?? USUAL_MARKER;
}

/** Gathers the paths to be committed: the first list among the comments. Those that follow are of what is left out. */
class ListedPaths {
  readonly paths: string[] = [];
  private over = false;

  /** @param comment without its marker. */
  read(comment: string): void {
    const path = LISTED_PATH.exec(comment)?.groups?.['path'];
    if (path !== undefined && !this.over) {
      this.paths.push(path.replace(/^"(.*)"$/u, '$1'));
    }
    this.over ||= path === undefined && this.paths.length > 0;
  }
}

/** The lines of a text without their ends, each with its offset. */
function* linesOf(text: string): Generator<[line: string, offset: number]> {
  let start = 0;
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r|$/gu)) {
    yield [text.slice(start, index), start];
    start = index + end.length;
  }
}
