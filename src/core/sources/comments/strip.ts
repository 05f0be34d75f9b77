/**
 * Removes comment markers from a text, whatever language it comes from.
 *
 * The model is trained on stripped comments, so this has to do the same as `training/glance_training/markers.py`; both run
 * `test/fixtures/comment-markers.json`. It looks at the text alone, not at its language, so that a comment gives the same
 * text from an editor, a file or a row of JSONL.
 */

const WS = '[ \\t\\n\\v\\f\\r\\u00a0\\u2028\\u2029\\ufeff]';

/**
 * Characters of a comment that are looked at, in UTF-16 code units. The model reads 128 tokens, so nothing is lost in
 * practice, and the patterns below stay cheap whatever they are given.
 */
const MAXIMUM_CHARACTERS = 8192;

/** How one family of comments is recognised and unwrapped. */
interface MarkerFamily {
  /** Matches at the start of the trimmed text; the first family that matches wins. */
  readonly opening: RegExp;
  /** What to remove from the end. */
  readonly closing?: RegExp | ((opening: RegExpMatchArray) => RegExp);
  /** What to remove from the start of each line, after its white space. */
  readonly linePrefix?: RegExp;
  /** Markers inside the text that stand for a line break (data sets and reformatters put several lines on one). */
  readonly joint?: RegExp;
}

const re = (source: string, flags = 'u'): RegExp => new RegExp(source, flags);

/** A family whose marker stands on every line. */
function lineFamily(marker: string, joint?: string): MarkerFamily {
  const family: MarkerFamily = { opening: re(`^(?:${marker})`), linePrefix: re(`^${WS}*(?:${marker})`) };
  return joint === undefined ? family : { ...family, joint: re(joint, 'gu') };
}

const FAMILIES: readonly MarkerFamily[] = [
  { opening: re('^<!--+'), closing: re('(?<!-)--+>$') },
  {
    // The lookahead leaves the star of a closing `*/` alone, as in the empty comment `/**/`.
    opening: re('^/\\*(?:[*!]*(?!/))<?'),
    closing: re('(?<!\\*)\\*+/$'),
    linePrefix: re(`^${WS}*\\*+(?!/)`),
    joint: re(`${WS}\\*+${WS}|(?<!\\*)\\*+/${WS}*/\\*(?:[*!]*(?!/))<?`, 'gu'),
  },
  lineFamily('//+[!<]*', `${WS}//+[!<]*${WS}`),
  { opening: re('^[rRbBuUfF]{0,2}("""|\'\'\')'), closing: (opening) => re(`${opening[1]}$`) },
  { opening: re('^--\\[=*\\['), closing: re('\\]=*\\]$') },
  { opening: re('^\\(\\*(?!\\))'), closing: re('\\*\\)$'), linePrefix: re(`^${WS}*\\*+(?!\\))`) },
  { opening: re('^\\{-'), closing: re('-\\}$') },
  { opening: re('^<#'), closing: re('#>$') },
  { opening: re(`^=begin(?=${WS}|$)`), closing: re('=end$') },
  lineFamily('#+!?'),
  lineFamily(`--+(?=${WS}|$)`),
  lineFamily(`;+(?=${WS}|$)`),
  lineFamily(`%+(?=${WS}|$)`),
];

const DECORATION = /([-=*_#~+/\\<>|^])\1{3,}/gu;
const WHITE_SPACE = re(`${WS}+`, 'gu');
// Without the look-behind, a long run of white space inside the text would be searched from each of its characters.
const OUTER_WHITE_SPACE = re(`^${WS}+|(?<!${WS})${WS}+$`, 'gu');

/**
 * Text of a comment without its markers, decoration and line breaks; the empty string when nothing else was there.
 * A text without comment markers only has its white space collapsed.
 */
export function stripComment(comment: string): string {
  let text = comment.slice(0, MAXIMUM_CHARACTERS).replace(/\r\n?/gu, '\n').replace(OUTER_WHITE_SPACE, '');
  for (const family of FAMILIES) {
    const opening = family.opening.exec(text);
    if (opening) {
      text = unwrap(text, opening, family);
      break;
    }
  }
  return text.replace(DECORATION, ' ').replace(WHITE_SPACE, ' ').replace(OUTER_WHITE_SPACE, '');
}

function unwrap(text: string, opening: RegExpMatchArray, { closing, linePrefix, joint }: MarkerFamily): string {
  let inner = text.slice(opening[0].length);
  if (closing) {
    inner = inner.replace(typeof closing === 'function' ? closing(opening) : closing, '');
  }
  if (linePrefix) {
    // The first line's marker went with the opening.
    const [first = '', ...rest] = inner.split('\n');
    inner = [first, ...rest.map((line) => line.replace(linePrefix, ''))].join('\n');
  }
  return joint ? inner.replace(joint, ' ') : inner;
}
