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
    } else {
      at = quotes.includes(character) ? afterString(source, at, character) : at + 1;
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

/** Offset after the string that opens at `at`; after the quote alone when it is not closed on its line (an apostrophe). */
function afterString(source: string, at: number, quote: string): number {
  for (let index = at + 1; index < source.length; index += 1) {
    const character = source[index];
    if (character === quote) {
      return index + 1;
    }
    if (character === '\n') {
      break;
    }
    if (character === '\\') {
      index += 1;
    }
  }
  return at + 1;
}
