import { INSIDE, nextHash, NONE, PieceTable } from './piece-table';
import type { AddedToken, TokenizerFile, Vocabulary } from './tokenizer-file';

/** Whether an added token is one in brackets, as it stands: `[SEP]`. */
function isPlain({ content, single_word: singleWord, lstrip, rstrip, normalized }: AddedToken): boolean {
  return /^\[\w+\]$/u.test(content) && !singleWord && !lstrip && !rstrip && !normalized;
}

/** What a character is to BERT: white space between words, a word of its own, part of one, or something that has to be normalised: a control character, or one beyond ASCII. */
const [SPACE, PUNCTUATION, LETTER, BEYOND] = [0, 1, 2, 3] as const;
/** By ASCII code. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[\t\n\r ]/u.test(character) ? SPACE : /[a-z0-9]/iu.test(character) ? LETTER : /[!-~]/u.test(character) ? PUNCTUATION : BEYOND;
});
const LOWER_CASE = Uint8Array.from({ length: 128 }, (_, code) => String.fromCharCode(code).toLowerCase().charCodeAt(0));
const BRACKET = '['.charCodeAt(0);

function kindOf(code: number): number {
  return KINDS[code] ?? BEYOND;
}

/** A limit for the length of words beyond this is none. */
const LONGEST_WORD = 2 ** 13;

/** How many ids share an array. What holds on to the ids of one text holds on to all of them: 64 kB. */
const IDS = 2 ** 14;

/**
 * BERT's tokenisation (WordPiece, longest match first) of plain ASCII, as most comments are. It gives what the library gives,
 * several times faster (`npm run bench -- --profile`), and leaves to it what has control characters or others beyond ASCII, from white space to white space.
 */
export class WordPiece {
  /** The word at hand, in lower case. */
  private readonly word: Uint8Array;
  /** Hashes of its beginnings, by their length. */
  private readonly hashes: Int32Array;
  /** Ids of texts, one after the other: to make an array of its own for each would take as long as to cut a short one. */
  private ids = new Int32Array(0);
  /** How many of them are taken. */
  private taken = 0;

  private constructor(
    private readonly pieces: PieceTable,
    /** Ids of punctuation by ASCII code. */
    private readonly punctuation: Int32Array,
    private readonly unknown: number,
    private readonly longestWord: number,
    /** Ids of the special tokens by what they look like in a text. */
    private readonly special: readonly (readonly [content: string, id: number])[],
    /** Ids of the tokens around a text. */
    private readonly first: number,
    private readonly last: number,
  ) {
    this.word = new Uint8Array(longestWord);
    this.hashes = new Int32Array(longestWord + 1);
  }

  /** @returns undefined when the tokenizer is of another kind, which this does not know. */
  static of({ added_tokens: addedTokens, normalizer, pre_tokenizer: preTokenizer, post_processor: postProcessor, model }: TokenizerFile, vocabulary: Vocabulary): WordPiece | undefined {
    const added = addedTokens ?? [];
    const special = new Map(added.map(({ content, id }) => [content, id]));
    const around = postProcessor?.type === 'TemplateProcessing' ? (postProcessor.single ?? []).map(({ SpecialToken: token }) => special.get(token?.id ?? '')) : [];
    const [unknownToken, prefix, longestWord] = [model.unk_token ?? '', model.continuing_subword_prefix ?? INSIDE, model.max_input_chars_per_word ?? 100];
    const idOf = (token: string): number | undefined => vocabulary.ids[vocabulary.tokens.indexOf(token)];
    const [unknown, first, last] = [idOf(unknownToken), around[0], around[2]];
    const isKnown =
      model.type === 'WordPiece' &&
      prefix === INSIDE &&
      longestWord <= LONGEST_WORD &&
      normalizer?.type === 'BertNormalizer' &&
      normalizer.lowercase === true &&
      preTokenizer?.type === 'BertPreTokenizer' &&
      added.every(isPlain);
    if (!isKnown || around.length !== 3 || unknown === undefined || first === undefined || last === undefined) {
      return undefined;
    }
    const punctuation = Int32Array.from(KINDS, (kind, code) => (kind === PUNCTUATION ? idOf(String.fromCharCode(code)) : undefined) ?? unknown);
    return new WordPiece(new PieceTable(vocabulary), punctuation, unknown, longestWord, [...special], first, last);
  }

  /**
   * Token ids of a text, with those that the model wants around it; of a long text the beginning.
   * @param maximum how many to give at most.
   * @param idsBeyond ids of a part of the text without white space that is not plain ASCII.
   */
  encode(text: string, maximum: number, idsBeyond: (part: string) => readonly number[]): Int32Array {
    // The last word may go beyond the maximum.
    const room = maximum + this.longestWord;
    if (this.taken + room > this.ids.length) {
      this.ids = new Int32Array(Math.max(IDS, room));
      this.taken = 0;
    }
    const { ids, punctuation, taken: start } = this;
    const full = start + maximum;
    ids[start] = this.first;
    let end = start + 1;
    // Where the text from the last white space on begins, and its ids do.
    let [part, partIds] = [0, end];
    for (let at = 0; at < text.length && end < full; ) {
      const code = text.charCodeAt(at);
      const kind = kindOf(code);
      if (kind === LETTER) {
        const wordEnd = this.readWord(text, at);
        // A word that goes on beyond ASCII is not at its end.
        if (wordEnd === text.length || kindOf(text.charCodeAt(wordEnd)) !== BEYOND) {
          end = this.cut(wordEnd - at, end);
        }
        at = wordEnd;
      } else if (kind === SPACE) {
        at += 1;
        [part, partIds] = [at, end];
      } else if (kind === PUNCTUATION) {
        const special = code === BRACKET ? this.special.find(([content]) => text.startsWith(content, at)) : undefined;
        ids[end] = special?.[1] ?? punctuation[code] ?? this.unknown;
        end += 1;
        at += special?.[0].length ?? 1;
      } else {
        at = endOfPart(text, at);
        end = partIds;
        for (const id of idsBeyond(text.slice(part, at)).slice(0, full - end)) {
          ids[end] = id;
          end += 1;
        }
      }
    }
    end = Math.min(end, full - 1);
    ids[end] = this.last;
    this.taken = end + 1;
    return ids.subarray(start, this.taken);
  }

  /** Reads the word that begins at a place of a text, as far as there is room for it. @returns where it ends. */
  private readWord(text: string, start: number): number {
    const { word, hashes, longestWord } = this;
    let hash = 0;
    let at = start;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (kindOf(code) !== LETTER) {
        break;
      }
      if (at - start < longestWord) {
        const letter = LOWER_CASE[code] ?? 0;
        word[at - start] = letter;
        hash = nextHash(hash, letter);
        hashes[at - start + 1] = hash;
      }
    }
    return at;
  }

  /**
   * Adds the ids of the pieces of the word at hand, or that of the unknown token where it cannot be put together from pieces.
   * @param length of the word.
   * @param first where the first of them goes.
   * @returns where the next word's goes.
   */
  private cut(length: number, first: number): number {
    const { ids, pieces, word, hashes } = this;
    let next = first;
    for (let start = 0; start < length; ) {
      let id = NONE;
      let end = Math.min(length, start + pieces.longest) + 1;
      while (id === NONE && end - 1 > start && length <= this.longestWord) {
        end -= 1;
        id = pieces.find(word, start, end, hashes);
      }
      if (id === NONE) {
        ids[first] = this.unknown;
        return first + 1;
      }
      ids[next] = id;
      next += 1;
      start = end;
    }
    return next;
  }
}

/** Where the part without white space ends that goes on at a place. */
function endOfPart(text: string, start: number): number {
  let at = start;
  while (at < text.length && kindOf(text.charCodeAt(at)) !== SPACE) {
    at += 1;
  }
  return at;
}
