import type { OffsetRange, Snippet } from '../snippet';
import { Grammars, type Clock, type GrammarReader } from './grammars';
import { withoutIgnored } from './ignore';
import { joinLineComments } from './join';
import type { Language } from './languages';
import { findByMarkers } from './markers';
import { stripComment } from './strip';

/** The comments of one source. */
export interface CommentsFound {
  readonly snippets: Snippet[];
  /** How many comments were left out since their author wants it so (see `ignore.ts`). */
  readonly ignored: number;
  /** `grammar`: exact, as the grammar finds them. `markers`: found by comment markers alone, so that a marker in a string may have been taken for a comment. */
  readonly foundBy: 'grammar' | 'markers';
}

/** Longest source, in characters, that is cut: a parsed source takes some sixty times its size in memory. */
export const LONGEST_SOURCE = 5_000_000;

/** Cuts comments out of source code. */
export class CommentSource {
  private readonly grammars: Grammars;

  /** @param clocks see `Grammars`. */
  constructor(read: GrammarReader, clocks?: readonly Clock[]) {
    this.grammars = new Grammars(read, clocks);
  }

  /**
   * Comments of `source` in order of position, adjoining line comments joined, doc comments included.
   * Comments that consist of markers and decoration alone are left out, and those to be ignored.
   * @throws when the grammar of the language cannot be loaded, or takes too long for this source.
   */
  async find(source: string, language: Language): Promise<CommentsFound> {
    const { grammar, lexer, markers = { line: [] } } = language;
    const ranges = lexer?.(source) ?? (grammar ? await this.grammars.comments(source, { ...language, grammar }) : findByMarkers(source, markers));
    const comments = ranges.map((range) => withoutTrailingSpace(source, range)).filter((range) => !isShebang(source, range));
    const snippets = joinLineComments(source, comments).flatMap((range) => {
      const text = stripComment(source.slice(range.start, range.end));
      return text === '' ? [] : [{ text, range }];
    });
    return { ...withoutIgnored(source, snippets), foundBy: grammar ? 'grammar' : 'markers' };
  }
}

/** Some grammars count the line break as part of a line comment. */
function withoutTrailingSpace(source: string, { start, end }: OffsetRange): OffsetRange {
  let trimmed = end;
  while (trimmed > start && /\s/u.test(source[trimmed - 1] ?? '')) {
    trimmed -= 1;
  }
  return { start, end: trimmed };
}

function isShebang(source: string, { start }: OffsetRange): boolean {
  return start === 0 && source.startsWith('#!');
}
