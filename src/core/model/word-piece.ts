/** A token that is found in a text before anything else is done to it. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word?: boolean;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  readonly normalized?: boolean;
}

/** The parts of a `tokenizer.json` that decide how ASCII text is cut. */
export interface TokenizerFile {
  readonly added_tokens?: readonly AddedToken[];
  readonly normalizer?: { readonly type: string; readonly lowercase?: boolean } | null;
  readonly pre_tokenizer?: { readonly type: string } | null;
  readonly post_processor?: { readonly type: string; readonly single?: readonly { readonly SpecialToken?: { readonly id: string } }[] } | null;
  readonly model?: {
    readonly type: string;
    readonly unk_token?: string;
    readonly continuing_subword_prefix?: string;
    readonly max_input_chars_per_word?: number;
    readonly vocab?: Readonly<Record<string, number>>;
  };
}

/** Tokens, and the id of each. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly ids: Int32Array;
  /** -1 when there are none. */
  readonly largestId: number;
}

/** The vocabulary of a tokenizer. A file has it as a table, or as a list in order of the ids, whose places then stand for the tokens. */
export function vocabularyOf({ model }: TokenizerFile): Vocabulary {
  const vocab = model?.vocab ?? {};
  const tokens = Object.keys(vocab);
  const ids = new Int32Array(tokens.length);
  const isList = Array.isArray(vocab);
  let largestId = -1;
  for (let index = 0; index < tokens.length; index += 1) {
    const id = isList ? index : (vocab[tokens[index] ?? ''] ?? 0);
    ids[index] = id;
    largestId = Math.max(largestId, id);
  }
  return { tokens, ids, largestId };
}

/** Whether an added token is one in brackets, as it stands: `[SEP]`. */
function isPlain({ content, single_word: singleWord, lstrip, rstrip, normalized }: AddedToken): boolean {
  return /^\[\w+\]$/u.test(content) && !singleWord && !lstrip && !rstrip && !normalized;
}

/** What a character is to BERT: white space between words, a word of its own, part of one, or something that has to be normalised. */
const [SPACE, PUNCTUATION, LETTER, BEYOND] = [0, 1, 2, 3] as const;
/** By ASCII code. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[\t\n\r ]/u.test(character) ? SPACE : /[a-z0-9]/iu.test(character) ? LETTER : /[!-~]/u.test(character) ? PUNCTUATION : BEYOND;
});
const LOWER_CASE = Uint8Array.from({ length: 128 }, (_, code) => String.fromCharCode(code).toLowerCase().charCodeAt(0));
const BRACKET = '['.charCodeAt(0);
const QUESTION_MARK = '?'.charCodeAt(0);

function kindOf(code: number): number {
  return KINDS[code] ?? BEYOND;
}

/** How many ids share an array. What holds on to the ids of one text holds on to all of them: 64 kB. */
const IDS = 2 ** 14;

/**
 * BERT's tokenisation (WordPiece, longest match first) of plain ASCII, as most comments are. It gives what the library gives,
 * several times faster (`npm run bench -- --profile`), and leaves to it what has characters beyond that, from white space to white space.
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
    private readonly pieces: Pieces,
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
  static of({ added_tokens: added = [], normalizer, pre_tokenizer: preTokenizer, post_processor: postProcessor, model }: TokenizerFile, vocabulary: Vocabulary): WordPiece | undefined {
    const special = new Map(added.map(({ content, id }) => [content, id]));
    const around = postProcessor?.type === 'TemplateProcessing' ? (postProcessor.single ?? []).map(({ SpecialToken: token }) => special.get(token?.id ?? '')) : [];
    const { vocab = {}, unk_token: unknownToken = '', continuing_subword_prefix: prefix = INSIDE, max_input_chars_per_word: longestWord = 100 } = model ?? {};
    const [unknown, first, last] = [vocabulary.ids[vocabulary.tokens.indexOf(unknownToken)], around[0], around[2]];
    const isKnown =
      model?.type === 'WordPiece' && prefix === INSIDE && normalizer?.type === 'BertNormalizer' && normalizer.lowercase === true && preTokenizer?.type === 'BertPreTokenizer' && added.every(isPlain);
    if (!isKnown || around.length !== 3 || unknown === undefined || first === undefined || last === undefined) {
      return undefined;
    }
    const punctuation = Int32Array.from(KINDS, (_, code) => vocab[String.fromCharCode(code)] ?? unknown);
    return new WordPiece(new Pieces(vocabulary), punctuation, unknown, longestWord, [...special], first, last);
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
        end = this.cut(wordEnd - at, end);
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
        hash = (Math.imul(hash, BASE) + letter) | 0;
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

/** What pieces inside a word begin with. */
const INSIDE = '##';

/** Base of the hash of a word: a polynomial of its letters, so that the hash of any stretch of it follows from those of two of its beginnings. */
const BASE = 16_777_619;
const HASH_OF_INSIDE = (Math.imul(INSIDE.charCodeAt(0), BASE) + INSIDE.charCodeAt(1)) | 0;

/** Spreads hashes over the places of a table (Knuth's multiplicative hashing). */
const SPREAD = 0x9e3779b1;

/** No such piece. */
const NONE = -1;

/**
 * The tokens of a vocabulary by their letters: a hash table with open addressing. For a Map, a string would have to be made of each stretch
 * of a word that might be a piece.
 */
class Pieces {
  /** Letters of the longest token. */
  readonly longest: number;
  /** Letters of all tokens, one after the other, and where those of each begin. */
  private readonly letters: Uint8Array;
  private readonly starts: Int32Array;
  private readonly ids: Int32Array;
  /** By place in the table: number of the token ({@link NONE} where it is free), and its hash. */
  private readonly tokens: Int32Array;
  private readonly hashes: Int32Array;
  /** Bits of a hash that are not part of a place. */
  private readonly shift: number;
  /** {@link BASE} to the power of the index. */
  private readonly powers: Int32Array;

  constructor({ tokens, ids }: Vocabulary) {
    // At most half full, so that a stretch that is no piece is told in a step or two.
    const bits = Math.ceil(Math.log2(tokens.length + 1)) + 1;
    this.shift = 32 - bits;
    this.ids = ids;
    this.tokens = new Int32Array(2 ** bits).fill(NONE);
    this.hashes = new Int32Array(2 ** bits);
    this.starts = new Int32Array(tokens.length + 1);
    // A byte each also where a token is not plain ASCII.
    this.letters = new TextEncoder().encode(tokens.join('').replace(/[^\0-\x7f]/g, '?'));
    const { letters } = this;
    const mask = this.tokens.length - 1;
    let [start, longest] = [0, 0];
    for (let token = 0; token < tokens.length; token += 1) {
      const end = start + (tokens[token]?.length ?? 0);
      let hash = 0;
      let isWord = true;
      for (let at = start; at < end; at += 1) {
        const letter = letters[at] ?? 0;
        isWord &&= letter !== QUESTION_MARK;
        hash = (Math.imul(hash, BASE) + letter) | 0;
      }
      // Nothing that is looked up has a question mark: thousands of places would be taken by the same few.
      if (isWord) {
        let place = Math.imul(hash, SPREAD) >>> this.shift;
        while (this.tokens[place] !== NONE) {
          place = (place + 1) & mask;
        }
        this.tokens[place] = token;
        this.hashes[place] = hash;
        longest = Math.max(longest, end - start);
      }
      start = end;
      this.starts[token + 1] = end;
    }
    this.longest = longest;
    this.powers = new Int32Array(longest + 1).fill(1);
    for (let power = 1; power <= longest; power += 1) {
      this.powers[power] = Math.imul(this.powers[power - 1] ?? 1, BASE);
    }
  }

  /**
   * The id of a stretch of a word, {@link NONE} when it is no piece.
   * @param hashes of the word's beginnings, by their length.
   */
  find(word: Uint8Array, start: number, end: number, hashes: Int32Array): number {
    const isInside = start > 0;
    const hash = ((hashes[end] ?? 0) - Math.imul((hashes[start] ?? 0) - (isInside ? HASH_OF_INSIDE : 0), this.powers[end - start] ?? 0)) | 0;
    const mask = this.tokens.length - 1;
    let place = Math.imul(hash, SPREAD) >>> this.shift;
    for (let token = this.tokens[place] ?? NONE; token !== NONE; token = this.tokens[place] ?? NONE) {
      if (this.hashes[place] === hash && this.isSame(token, word, start, end)) {
        return this.ids[token] ?? NONE;
      }
      place = (place + 1) & mask;
    }
    return NONE;
  }

  private isSame(token: number, word: Uint8Array, start: number, end: number): boolean {
    const from = (this.starts[token] ?? 0) + (start > 0 ? INSIDE.length : 0);
    if ((this.starts[token + 1] ?? 0) - from !== end - start) {
      return false;
    }
    for (let at = start; at < end; at += 1) {
      if (this.letters[from + at - start] !== word[at]) {
        return false;
      }
    }
    return true;
  }
}
