import type { OffsetRange } from '../../snippet';

/**
 * Ranges of the comments of JavaScript or TypeScript without JSX, in order of position, as the grammar finds them, but some ten times as fast; undefined
 * where it is not sure, so that the grammar has to read the source.
 *
 * It reads strings, templates, regular expressions, comments and brackets, and skips everything else. What decides whether a slash begins a regular
 * expression is the token in front of it; where that takes more than a look, the source is left to the grammar, and so is whatever may be JSX or is
 * not well formed.
 *
 * @param jsx whether `<` may begin an element; otherwise it begins type arguments.
 */
export function javaScriptComments(source: string, jsx: boolean): OffsetRange[] | undefined {
  if (!OPENS_COMMENT.test(source)) {
    return [];
  }
  // Line breaks that the grammar and the language see differently.
  return ODD_LINE_BREAK.test(source) ? undefined : new Reader(source, jsx).comments();
}

const OPENS_COMMENT = /\/[/*]|<!--|-->/u;
const ODD_LINE_BREAK = /\r(?!\n)|[\u2028\u2029]/u;
const WORD = /[\w$]|[^\s\p{ASCII}]/u;
const SPACE = /\s/u;

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}', '${': '}' };

/** Words behind whose parentheses a statement begins. */
const CONDITIONS = new Set(['if', 'while', 'for', 'with']);
/** Words that an operand follows. */
const BEFORE_OPERAND = new Set(['return', 'typeof', 'instanceof', 'in', 'new', 'delete', 'void', 'throw', 'case', 'do', 'else']);
/** Words that are names as well. */
const AMBIGUOUS = new Set(['of', 'yield', 'await', 'default']);

/** By code unit: whether it may begin what is to be read. */
const STOPS = Uint8Array.from({ length: 128 }, (_, code) => Number('"\'`/<-()[]{}'.includes(String.fromCharCode(code))));

interface Bracket {
  readonly open: string;
  /** Whether the closed bracket is the end of an operand, and not of a condition, behind which a statement begins; undefined where that is not certain. */
  readonly operand: boolean | undefined;
}

class Reader {
  private readonly found: OffsetRange[] = [];
  private readonly brackets: Bracket[] = [];
  /** `operand` of the bracket that was closed last. */
  private operandClosed: boolean | undefined;

  constructor(
    private readonly source: string,
    private readonly jsx: boolean,
  ) {}

  comments(): OffsetRange[] | undefined {
    let at = this.source.startsWith('#!') ? this.lineEnd(0) : 0;
    while (at >= 0 && at < this.source.length) {
      const code = this.source.charCodeAt(at);
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
      case '`':
        return this.template(at);
      case '/':
        return this.slash(at);
      case '<':
        return this.lessThan(at);
      case '-':
        return this.source.startsWith('-->', at) ? -1 : at + 1;
      case '(':
        this.brackets.push({ open: character, operand: this.operandInParentheses(at) });
        return at + 1;
      case '[':
        this.brackets.push({ open: character, operand: true });
        return at + 1;
      case '{':
        // An object or a block.
        this.brackets.push({ open: character, operand: undefined });
        return at + 1;
      default:
        return this.close(at, character);
    }
  }

  private close(at: number, character: string): number {
    const bracket = this.brackets.pop();
    if (!bracket || CLOSING[bracket.open] !== character) {
      return -1;
    }
    this.operandClosed = bracket.operand;
    return bracket.open === '${' ? this.template(at) : at + 1;
  }

  private string(from: number, quote: string): number {
    for (let at = from + 1; at < this.source.length; at += 1) {
      const character = this.source[at];
      if (character === quote) {
        return at + 1;
      }
      if (character === '\n') {
        return -1;
      }
      if (character === '\\') {
        at += this.source.startsWith('\r\n', at + 1) ? 2 : 1;
      }
    }
    return -1;
  }

  /** A template, from its backtick or the end of an expression in it, to its end or the next expression. */
  private template(from: number): number {
    for (let at = from + 1; at < this.source.length; at += 1) {
      const character = this.source[at];
      if (character === '`') {
        return at + 1;
      }
      if (character === '$' && this.source[at + 1] === '{') {
        this.brackets.push({ open: '${', operand: undefined });
        return at + 2;
      }
      if (character === '\\') {
        at += 1;
      }
    }
    return -1;
  }

  private slash(at: number): number {
    const next = this.source[at + 1];
    if (next === '/') {
      return this.comment(at, this.lineEnd(at));
    }
    if (next === '*') {
      const end = this.source.indexOf('*/', at + 2);
      return end < 0 ? -1 : this.comment(at, end + 2);
    }
    const division = this.operandBefore(at);
    if (division === undefined) {
      // A regular expression ends on its line.
      const other = this.source.indexOf('/', at + 1);
      return other < 0 || other > this.lineEnd(at) ? at + 1 : -1;
    }
    return division ? at + 1 : this.regularExpression(at);
  }

  private comment(start: number, end: number): number {
    this.found.push({ start, end });
    return end;
  }

  private regularExpression(from: number): number {
    let inClass = false;
    for (let at = from + 1; at < this.source.length; at += 1) {
      const character = this.source[at];
      if (character === '\n') {
        return -1;
      }
      if (character === '/' && !inClass) {
        return at + 1;
      }
      if (character === '\\') {
        at += 1;
        if (this.source[at] === '\n') {
          return -1;
        }
      } else if (character === '[') {
        inClass = true;
      } else if (character === ']') {
        inClass = false;
      }
    }
    return -1;
  }

  private lessThan(at: number): number {
    if (this.source.startsWith('<!--', at) || (this.jsx && this.operandBefore(at) !== true)) {
      return -1;
    }
    return this.source[at + 1] === '<' ? at + 2 : at + 1;
  }

  /** Whether an operand ends in front of an offset, so that an operator follows; undefined where that is not certain. */
  private operandBefore(at: number): boolean | undefined {
    const last = this.significantBefore(at);
    const character = this.source[last];
    if (character === undefined || '(,=:[{;&|?^%*~<'.includes(character)) {
      return false;
    }
    const previous = this.source[last - 1] ?? '';
    switch (character) {
      case ')':
      case ']':
      case '}':
        return this.operandClosed;
      case '"':
      case "'":
      case '`':
        return true;
      case '+':
      case '-':
        return previous === character ? undefined : false;
      case '!':
        // Behind an operand it is TypeScript's assertion.
        return previous === ')' || previous === ']' || WORD.test(previous) ? undefined : false;
      case '>':
        return previous === '=' ? false : undefined;
      default: {
        const word = this.wordBefore(last);
        return word === '' || AMBIGUOUS.has(word) ? undefined : !BEFORE_OPERAND.has(word);
      }
    }
  }

  private operandInParentheses(open: number): boolean | undefined {
    const word = this.wordBefore(this.significantBefore(open));
    // `for await (...)`, or an operand that is awaited.
    return word === 'await' ? undefined : !CONDITIONS.has(word);
  }

  /** The word whose last character stands at an offset, with the mark of a property in front of it if there is one; empty where there is none. */
  private wordBefore(last: number): string {
    let start = last + 1;
    // No keyword is longer.
    while (start > 0 && last - start < 12 && WORD.test(this.source[start - 1] ?? '')) {
      start -= 1;
    }
    const property = start <= last && (this.source[start - 1] === '.' || this.source[start - 1] === '#');
    return this.source.slice(property ? start - 1 : start, last + 1);
  }

  /** Offset of the last character in front of an offset that is neither white space nor of a comment; -1 where there is none. */
  private significantBefore(at: number): number {
    let last = at - 1;
    for (let comment = this.found.length - 1; ; comment -= 1) {
      while (last >= 0 && SPACE.test(this.source[last] ?? '')) {
        last -= 1;
      }
      const range = this.found[comment];
      if (range?.end !== last + 1) {
        return last;
      }
      last = range.start - 1;
    }
  }

  private lineEnd(at: number): number {
    const end = this.source.indexOf('\n', at);
    return end < 0 ? this.source.length : end;
  }
}
