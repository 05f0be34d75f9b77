import type { OffsetRange } from '../snippet';
import type { CommentMarkers } from './languages';

/**
 * Ranges of the comments of a source, found by comment markers alone: the fallback for languages without a grammar.
 *
 * It knows strings that end on their line. What it cannot know (a marker in a string of several lines, in a regular
 * expression, in a here-document) is why answers say when this way was taken.
 */
export function findByMarkers(source: string, { line, block = [], quotes = '' }: CommentMarkers): OffsetRange[] {
  const found: OffsetRange[] = [];
  // Blocks first: the block marker of Lua (`--[[`) begins with its line marker.
  const openings = [...block.map(([open, close]) => ({ open, close })), ...line.map((open) => ({ open, close: '\n' }))];
  const first = new Set([...openings.map(({ open }) => open[0]), ...quotes]);
  /** By quote: the offset up to which it is known not to be closed any more, so that no line is searched twice. */
  const unclosed = new Map<string, number>();
  for (let at = 0; at < source.length; ) {
    const character = source[at] ?? '';
    if (!first.has(character)) {
      at += 1;
      continue;
    }
    const opening = openings.find(({ open }) => source.startsWith(open, at) && beginsHere(source, at, open));
    if (opening) {
      const end = endOf(source, at + opening.open.length, opening.close);
      found.push({ start: at, end });
      at = end;
    } else if (quotes.includes(character) && at >= (unclosed.get(character) ?? 0)) {
      const { closed, end } = stringAt(source, at, character);
      if (!closed) {
        unclosed.set(character, end);
      }
      at = closed ? end : at + 1;
    } else {
      at += 1;
    }
  }
  return found;
}

/** Markers that are also used inside words (`$#`, `50%`) begin a comment only after white space or a separator. */
function beginsHere(source: string, at: number, open: string): boolean {
  return !/^[#%]$/u.test(open) || at === 0 || /[\s;,(){}[\]]/u.test(source[at - 1] ?? '');
}

function endOf(source: string, from: number, close: string): number {
  const end = source.indexOf(close, from);
  if (end < 0) {
    return source.length;
  }
  if (close === '\n') {
    return source[end - 1] === '\r' && end > from ? end - 1 : end;
  }
  return end + close.length;
}

/** Where the string that opens at `at` ends: after its closing quote, or, when it is not closed on its line (an apostrophe), with the line. */
function stringAt(source: string, at: number, quote: string): { readonly closed: boolean; readonly end: number } {
  let end = at + 1;
  for (; end < source.length && source[end] !== '\n'; end += 1) {
    if (source[end] === quote) {
      return { closed: true, end: end + 1 };
    }
    if (source[end] === '\\') {
      end += 1;
    }
  }
  return { closed: false, end };
}
