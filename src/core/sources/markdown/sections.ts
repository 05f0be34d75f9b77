import MarkdownIt from 'markdown-it';
import frontMatter from 'markdown-it-front-matter';
import { LineIndex } from '../line-index';
import type { OffsetRange } from '../snippet';

/** A heading and what follows it, up to the next heading of whatever level: as the sections were cut that doc-section was trained on. */
export interface Section {
  /** As written, without the markers around it. Empty for what stands before the first heading. */
  readonly heading: string;
  /** 1 to 6; 0 for what stands before the first heading. */
  readonly level: number;
  /** Whether the heading is marked by a line under it (setext), not by number signs (ATX). */
  readonly underlined: boolean;
  /** The heading's own lines, without the line under it. */
  readonly headingRange: OffsetRange;
  /** Heading and content, without white space at the end. */
  readonly range: OffsetRange;
  /** What follows the heading, as written. */
  readonly text: string;
}

/** Whether a file is Markdown, told by its path. */
export function isMarkdownFile(path: string): boolean {
  return /\.(?:md|markdown)$/iu.test(path);
}

// Blocks alone: what stands in the line is not needed. HTML, so that what looks like a heading inside of it is none.
// The types of the plugin are for an older version.
const parser = new MarkdownIt({ html: true }).use(frontMatter as (parser: typeof MarkdownIt.prototype, onFrontMatter: () => void) => void, () => undefined);
parser.core.ruler.enableOnly(['normalize', 'block']);

/**
 * Sections of a Markdown document in order of position, by the grammar that VS Code's own outline uses: headings in quotations and lists are
 * content, and so are number signs in code and HTML. Front matter belongs to no section. Without heading and content there is no section.
 */
export function sectionsOf(source: string): Section[] {
  const lines = new LineIndex(source);
  const linesRange = ([first, end]: readonly [number, number]): OffsetRange => ({ start: lines.offset(first), end: withoutTrailingSpace(source, lines.offset(end)) });
  const tokens = parser.parse(source, {});
  const afterFrontMatter = tokens[0]?.type === 'front_matter' ? lines.offset(tokens[0].map?.[1] ?? 0) : 0;
  const contentStart = afterFrontMatter + Math.max(0, source.slice(afterFrontMatter).search(/\S/u));
  const headings: (Omit<Section, 'range' | 'text'> & { readonly contentStart: number })[] = [
    { heading: '', level: 0, underlined: false, headingRange: { start: contentStart, end: contentStart }, contentStart },
  ];
  tokens.forEach((token, index) => {
    const inline = tokens[index + 1];
    if (token.type === 'heading_open' && token.level === 0 && token.map && inline?.map) {
      const headingRange = linesRange(inline.map);
      headings.push({ heading: inline.content, level: Number(token.tag.slice(1)), underlined: !token.markup.startsWith('#'), headingRange, contentStart: lines.offset(token.map[1]) });
    }
  });
  return headings.flatMap(({ contentStart: start, ...heading }, index) => {
    const end = withoutTrailingSpace(source, headings[index + 1]?.headingRange.start ?? source.length);
    const text = source.slice(start, end);
    return heading.heading === '' && text.trim() === '' ? [] : [{ ...heading, range: { start: heading.headingRange.start, end }, text }];
  });
}

function withoutTrailingSpace(source: string, end: number): number {
  let trimmed = end;
  while (trimmed > 0 && /\s/u.test(source[trimmed - 1] ?? '')) {
    trimmed -= 1;
  }
  return trimmed;
}
