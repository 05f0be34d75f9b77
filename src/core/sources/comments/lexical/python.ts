import type { OffsetRange } from '../../snippet';

/**
 * Ranges of the comments and docstrings of Python, in order of position, as the grammar finds them, but many times as fast; undefined where it is not
 * sure, so that the grammar has to read the source.
 *
 * It reads strings, comments, brackets and where statements begin, and skips everything else. A docstring is a string that is a statement, the first one
 * of the module or on the line below the colon of a class or function.
 */
export function pythonComments(source: string): OffsetRange[] | undefined {
  // Line breaks that the grammar and the language see differently.
  return ODD_LINE_BREAK.test(source) ? undefined : new Reader(source).comments();
}

const ODD_LINE_BREAK = /\r(?!\n)|[\f\v\u2028\u2029]/u;
const HEADER = /(?:class|def|async[ \t]+def)\b/uy;
const PREFIX = /(?<!\w)[bfrtu]{1,2}$/iu;
const BRACES = /[{}]/gu;
/** What may stand behind a docstring. */
const REST_OF_LINE = /[ \t]*(?:#|\r?\n|$)/uy;

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** By code unit: whether it may begin what is to be read. */
const STOPS = Uint8Array.from({ length: 128 }, (_, code) => Number('"\'#\n\\:()[]{}'.includes(String.fromCharCode(code))));

class Reader {
  private readonly found: OffsetRange[] = [];
  private readonly brackets: string[] = [];
  /** Where the present statement begins; undefined between two. */
  private statement: number | undefined;
  /** Where the first colon of the present statement stands that is not in brackets. */
  private colon: number | undefined;
  /** Whether a string that is the next statement, or the present one, is a docstring. */
  private first: 'of module' | 'of body' | undefined = 'of module';
  /** Whether a comment stands between a header and the first statement of its body: where the grammar puts that depends. */
  private commented = false;

  constructor(private readonly source: string) {}

  comments(): OffsetRange[] | undefined {
    let at = this.source.startsWith('\ufeff') ? 1 : 0;
    while (at >= 0 && at < this.source.length) {
      const code = this.source.charCodeAt(at);
      if (this.statement === undefined && !' \t\r\n#\\'.includes(this.source[at] ?? '')) {
        this.statement = at;
      }
      at = code < 128 && STOPS[code] === 1 ? this.read(at) : at + 1;
    }
    return at < 0 || this.brackets.length > 0 ? undefined : this.found;
  }

  /** Reads what begins at an offset. @returns where it ends; -1 where that is not certain, as from all methods below. */
  private read(at: number): number {
    const character = this.source[at] ?? '';
    switch (character) {
      case '"':
      case "'":
        return this.string(at, character);
      case '#':
        return this.comment(at);
      case '\n':
        return this.lineBreak(at);
      case '\\':
        return this.continuation(at);
      case ':':
        if (this.brackets.length === 0) {
          this.colon ??= at;
        }
        return at + 1;
      case '(':
      case '[':
      case '{':
        this.brackets.push(character);
        return at + 1;
      default:
        return CLOSING[this.brackets.pop() ?? ''] === character ? at + 1 : -1;
    }
  }

  private string(open: number, quote: string): number {
    const quotes = this.source.startsWith(quote.repeat(3), open) ? quote.repeat(3) : quote;
    const prefix = PREFIX.exec(this.source.slice(Math.max(0, open - 3), open))?.[0] ?? '';
    const end = this.stringEnd(open + quotes.length, quotes);
    const start = open - prefix.length;
    if (end < 0 || (/[ft]/iu.test(prefix) && !isPlain(this.source.slice(open, end)))) {
      return -1;
    }
    if (start === this.statement) {
      return this.first === undefined || this.docstring(start, end) ? end : -1;
    }
    // The body of a class or function on the line of its header.
    return this.brackets.length === 0 && this.endsHeader(start) ? -1 : end;
  }

  private stringEnd(from: number, quotes: string): number {
    for (let at = from; at < this.source.length; at += 1) {
      const character = this.source[at];
      if (character === quotes[0] && this.source.startsWith(quotes, at)) {
        return at + quotes.length;
      }
      if (character === '\n' && quotes.length === 1) {
        return -1;
      }
      if (character === '\\') {
        at += this.source.startsWith('\r\n', at + 1) ? 2 : 1;
      }
    }
    return -1;
  }

  /** @returns whether it is certain that this is one. */
  private docstring(start: number, end: number): boolean {
    REST_OF_LINE.lastIndex = end;
    if (this.commented || !REST_OF_LINE.test(this.source)) {
      return false;
    }
    this.found.push({ start, end });
    return true;
  }

  private comment(at: number): number {
    const lineEnd = this.source.indexOf('\n', at);
    const end = lineEnd < 0 ? this.source.length : lineEnd;
    if (this.brackets.length === 0 && (this.statement === undefined ? this.first === 'of body' : this.endsHeader(at))) {
      this.commented = true;
    }
    this.found.push({ start: at, end });
    return end;
  }

  private lineBreak(at: number): number {
    if (this.brackets.length === 0 && this.statement !== undefined) {
      if (this.colon === undefined && this.isHeader()) {
        return -1;
      }
      const comment = this.found.at(-1);
      const endsHeader = this.endsHeader(comment?.end === at && this.source[comment.start] === '#' ? comment.start : at);
      this.first = endsHeader ? 'of body' : undefined;
      this.commented &&= endsHeader;
      this.statement = undefined;
      this.colon = undefined;
    }
    return at + 1;
  }

  private continuation(at: number): number {
    const end = this.source.startsWith('\r\n', at + 1) ? at + 3 : at + 2;
    // In front of a statement it hides how far that is indented.
    return this.statement !== undefined && this.source[end - 1] === '\n' ? end : -1;
  }

  /** Whether the present statement is the header of a class or function and its colon the last thing in front of an offset. */
  private endsHeader(at: number): boolean {
    return this.colon !== undefined && this.isHeader() && this.source.slice(this.colon + 1, at).trim() === '';
  }

  private isHeader(): boolean {
    HEADER.lastIndex = this.statement ?? this.source.length;
    return HEADER.test(this.source);
  }
}

/** Whether a formatted string surely ends where it seems to, and has no comment in it: braces are closed in it, and there are no lines with a hash. */
function isPlain(string: string): boolean {
  const braces = string.match(BRACES) ?? [];
  const open = braces.filter((brace) => brace === '{').length;
  return open * 2 === braces.length && (open === 0 || !string.includes('\n') || !string.includes('#'));
}
