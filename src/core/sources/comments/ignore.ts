import { LineIndex } from '../line-index';
import type { Snippet } from '../snippet';

/** What comments say to be left alone. */
export const IGNORE = 'glance-ignore';

/** Not as a part of another word: neither `glance-ignores` nor `no-glance-ignore`. */
const ANYWHERE = /(?<!\w|\w-)glance-ignore(?![\w-])/u;

/** Nothing but markers stands before it on its line. */
const AT_START = /^[^\p{L}\p{N}_]*glance-ignore(?![\w-])/u;
const FILE_AT_START = /^[^\p{L}\p{N}_]*glance-ignore-file(?![\w-])/u;

/** White space that is looked through beside a comment, in characters: a line of many megabytes must not be searched again for each of its comments. */
const LONGEST_INDENT = 1024;

const WORD = /[\p{L}\p{N}]/u;
const LINE_BREAK = /\r\n|\n|\r/u;

/** The comments of a source that are to be classified. */
interface Heeded {
  readonly snippets: Snippet[];
  /** How many were left out. Those that say nothing but that others be left out do not count. */
  readonly ignored: number;
}

/**
 * Leaves out the comments that their authors do not want to hear of:
 * - a comment that contains `glance-ignore`;
 * - where its last line begins with it, alone or with a reason behind it: also comments that start on the same line, and, when nothing but the
 *   comment stands on its lines, those that start on the next line;
 * - every comment of a source, where a line of one begins with `glance-ignore-file`.
 * @param snippets comments of `source`, in order of position.
 */
export function withoutIgnored(source: string, snippets: readonly Snippet[]): Heeded {
  if (!source.includes(IGNORE)) {
    return { snippets: [...snippets], ignored: 0 };
  }
  const lines = new LineIndex(source);
  const ignored = new Set<Snippet>();
  const directives = new Set<Snippet>();
  const coveredLines = new Set<number>();
  let wholeFile = false;
  for (const snippet of snippets) {
    const { start, end } = snippet.range;
    const said = source.slice(start, end).split(LINE_BREAK).filter((line) => WORD.test(line));
    wholeFile ||= said.some((line) => FILE_AT_START.test(line));
    if (said.every((line) => AT_START.test(line) || FILE_AT_START.test(line))) {
      directives.add(snippet);
    }
    if (said.some((line) => ANYWHERE.test(line))) {
      ignored.add(snippet);
    }
    if (AT_START.test(said.at(-1) ?? '')) {
      coveredLines.add(lines.position(start).line);
      if (standsAlone(source, snippet)) {
        coveredLines.add(lines.position(end).line + 1);
      }
    }
  }
  const isLeftOut = (snippet: Snippet): boolean => wholeFile || ignored.has(snippet) || coveredLines.has(lines.position(snippet.range.start).line);
  return { snippets: snippets.filter((snippet) => !isLeftOut(snippet)), ignored: snippets.filter((snippet) => isLeftOut(snippet) && !directives.has(snippet)).length };
}

/** Whether nothing but white space stands before a comment on its first line, and after it on its last. */
function standsAlone(source: string, { range: { start, end } }: Snippet): boolean {
  return indentBefore(source, start) !== undefined && /^[^\S\r\n]*(?:[\r\n]|$)/u.test(source.slice(end, end + LONGEST_INDENT));
}

/** The white space from the start of a line up to an offset; undefined where something else stands there. */
export function indentBefore(source: string, offset: number): string | undefined {
  return /(?:^|[\r\n])([^\S\r\n]*)$/u.exec(source.slice(Math.max(0, offset - LONGEST_INDENT), offset))?.[1];
}
