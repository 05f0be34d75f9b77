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

/** Ids of the tokens. A file has them as a table, or as a list in order of the ids, whose places then stand for the tokens. */
export function vocabularyOf({ model }: TokenizerFile): ReadonlyMap<string, number> {
  const tokens = model?.vocab ?? {};
  const vocabulary = new Map<string, number>();
  for (const token of Object.keys(tokens)) {
    vocabulary.set(token, Array.isArray(tokens) ? Number(token) : (tokens[token] ?? 0));
  }
  return vocabulary;
}

/** Whether an added token is one in brackets, as it stands: `[SEP]`. */
function isPlain({ content, single_word: singleWord, lstrip, rstrip, normalized }: AddedToken): boolean {
  return /^\[\w+\]$/u.test(content) && !singleWord && !lstrip && !rstrip && !normalized;
}

/** What a character is to BERT, by its ASCII code: white space between words, a word of its own, or part of one. */
const [SPACE, PUNCTUATION, LETTER] = [0, 1, 2] as const;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /\s/u.test(character) ? SPACE : /[a-z0-9]/iu.test(character) ? LETTER : PUNCTUATION;
});

/** What the fast way covers: no control character and nothing beyond ASCII, where normalising begins to matter. */
const COVERED = /^[\t\n\r -~]*$/u;

/**
 * BERT's tokenisation (WordPiece, longest match first) of plain ASCII text, as most comments are. It gives what the library gives,
 * several times faster (`npm run bench -- --profile`), and leaves every other text to it.
 */
export class WordPiece {
  private constructor(
    private readonly vocabulary: ReadonlyMap<string, number>,
    private readonly unknown: number,
    private readonly prefix: string,
    private readonly longestWord: number,
    private readonly special: ReadonlyMap<string, number>,
    /** Splits a text at its special tokens, and keeps them. */
    private readonly atSpecial: RegExp,
    /** Ids of the tokens around a text. */
    private readonly first: number,
    private readonly last: number,
  ) {}

  /**
   * @param vocabulary ids of the tokens.
   * @returns undefined when the tokenizer is of another kind, which this does not know.
   */
  static of(file: TokenizerFile, vocabulary: ReadonlyMap<string, number>): WordPiece | undefined {
    const { added_tokens: added = [], normalizer, pre_tokenizer: preTokenizer, post_processor: postProcessor, model } = file;
    const special = new Map(added.map(({ content, id }) => [content, id]));
    const around = postProcessor?.type === 'TemplateProcessing' ? (postProcessor.single ?? []).map(({ SpecialToken: token }) => special.get(token?.id ?? '')) : [];
    const [unknown, first, last] = [vocabulary.get(model?.unk_token ?? ''), around[0], around[2]];
    const isKnown =
      model?.type === 'WordPiece' && normalizer?.type === 'BertNormalizer' && normalizer.lowercase === true && preTokenizer?.type === 'BertPreTokenizer' && added.every(isPlain);
    if (!isKnown || around.length !== 3 || unknown === undefined || first === undefined || last === undefined) {
      return undefined;
    }
    const alternatives = [...special.keys()].map((content) => `\\[${content.slice(1, -1)}\\]`).join('|');
    const { continuing_subword_prefix: prefix = '##', max_input_chars_per_word: longestWord = 100 } = model;
    return new WordPiece(vocabulary, unknown, prefix, longestWord, special, new RegExp(`(${alternatives})`, 'u'), first, last);
  }

  /**
   * Token ids of a text, with those that the model wants around it; of a long text the beginning.
   * @param maximum how many to give at most.
   * @returns undefined for a text that is not covered.
   */
  encode(text: string, maximum: number): Int32Array | undefined {
    if (!COVERED.test(text)) {
      return undefined;
    }
    const ids = [this.first];
    // Most texts have no bracket, and so no special token.
    for (const part of text.includes('[') ? text.split(this.atSpecial) : [text]) {
      const special = this.special.get(part);
      if (special !== undefined) {
        ids.push(special);
        continue;
      }
      const lower = part.toLowerCase();
      for (let start = 0, end = 0; start < lower.length && ids.length < maximum; start = end) {
        const kind = KINDS[lower.charCodeAt(start)];
        end = start + 1;
        while (kind === LETTER && end < lower.length && KINDS[lower.charCodeAt(end)] === LETTER) {
          end += 1;
        }
        if (kind !== SPACE) {
          this.cut(lower.slice(start, end), ids);
        }
      }
    }
    return Int32Array.of(...ids.slice(0, maximum - 1), this.last);
  }

  /** Adds the pieces of a word, or the unknown token where it cannot be put together from pieces. */
  private cut(word: string, ids: number[]): void {
    const { length } = ids;
    for (let start = 0; start < word.length && word.length <= this.longestWord; ) {
      let end = word.length;
      let id: number | undefined;
      while (end > start && id === undefined) {
        id = this.vocabulary.get(start === 0 ? word.slice(0, end) : this.prefix + word.slice(start, end));
        end -= 1;
      }
      if (id === undefined) {
        ids.length = length;
        break;
      }
      ids.push(id);
      start = end + 1;
    }
    if (ids.length === length) {
      ids.push(this.unknown);
    }
  }
}
