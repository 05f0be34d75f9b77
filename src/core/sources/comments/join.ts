import type { OffsetRange } from '../snippet';

const LINE_MARKER = /^(?:\/\/[/!]?|#!?|--(?!\[)|;+|%+)/u;

/**
 * Joins line comments that stand under each other: the same marker in the same column on adjoining lines, with nothing
 * but white space between. A person reads those as one comment. Blocks stay as they are.
 * @param ranges comments of `source`, in order of position.
 */
export function joinLineComments(source: string, ranges: readonly OffsetRange[]): OffsetRange[] {
  const joined: OffsetRange[] = [];
  let lastMarker: string | undefined;
  for (const range of ranges) {
    const marker = LINE_MARKER.exec(source.slice(range.start, range.start + 16))?.[0];
    const previous = joined.at(-1);
    if (previous && marker !== undefined && marker === lastMarker && adjoin(source, previous, range)) {
      joined[joined.length - 1] = { start: previous.start, end: range.end };
    } else {
      joined.push(range);
      lastMarker = marker;
    }
  }
  return joined;
}

function adjoin(source: string, above: OffsetRange, below: OffsetRange): boolean {
  return (
    below.start - above.end < 1024 &&
    /^[^\S\r\n]*(?:\r\n|\n|\r)[^\S\r\n]*$/u.test(source.slice(above.end, below.start)) &&
    columnOf(source, above.start) === columnOf(source, below.start)
  );
}

function columnOf(source: string, offset: number): number {
  let lineStart = offset;
  while (lineStart > 0 && source[lineStart - 1] !== '\n' && source[lineStart - 1] !== '\r') {
    lineStart -= 1;
  }
  return offset - lineStart;
}
