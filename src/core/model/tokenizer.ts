import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { ModelPackageError } from './error';
import { parseTokenizerFile, vocabularyOf } from './tokenizer-file';
import { WordPiece } from './word-piece';

/**
 * Characters of a text that are tokenised, in UTF-16 code units. A model reads far fewer tokens; this bounds the work on a text
 * of many megabytes.
 */
const MAXIMUM_CHARACTERS = 8192;

/** What hardly any vocabulary has a token of its own for. */
const STRANGE = 'zqxjkv \u{1f9ec}';

/** Turns texts into token ids as the model was trained to read them. */
export class Tokenizer {
  private readonly wordPiece: WordPiece | undefined;
  private library: HuggingFaceTokenizer | undefined;

  /**
   * @param file name of the tokenizer file, for messages.
   * @param json content of a `tokenizer.json` as the Hugging Face libraries write it.
   * @param vocabularySize how many tokens the model knows.
   * @throws {ModelPackageError} when the content is not that of a tokenizer, or of one with other tokens.
   */
  constructor(
    file: string,
    private readonly json: string,
    vocabularySize: number,
  ) {
    let largest: number;
    try {
      const content = parseTokenizerFile(json);
      const vocabulary = vocabularyOf(content);
      largest = (content.added_tokens ?? []).reduce((most, { id }) => Math.max(most, id), vocabulary.largestId);
      this.wordPiece = WordPiece.of(content, vocabulary);
      if (!this.wordPiece && !this.encodeByLibrary(STRANGE, true).every(Number.isInteger)) {
        throw new Error('it has no token for unknown words, or none for the ends of a text');
      }
    } catch (error) {
      throw new ModelPackageError(file, `is not a tokenizer file (${(error as Error).message})`);
    }
    if (largest >= vocabularySize) {
      throw new ModelPackageError(file, `has a token with the id ${largest}, where encoder.vocabularySize is ${vocabularySize}`);
    }
  }

  /**
   * Token ids `[CLS] text [SEP]`. A `[SEP]` in the text, which separates its parts, gives the same id. A long text keeps its
   * beginning, and the final `[SEP]`.
   * @param maximumTokens longest result, `[CLS]` and `[SEP]` included.
   */
  encode(text: string, maximumTokens: number): Int32Array {
    const start = text.slice(0, MAXIMUM_CHARACTERS);
    return this.wordPiece ? this.wordPiece.encode(start, maximumTokens, (part) => this.encodeByLibrary(part, false)) : this.encodeWhole(start, maximumTokens);
  }

  private encodeWhole(text: string, maximumTokens: number): Int32Array {
    const ids = this.encodeByLibrary(text, true);
    const kept = Int32Array.from(ids.slice(0, maximumTokens));
    kept[kept.length - 1] = ids.at(-1) ?? 0;
    return kept;
  }

  /** @param whole whether the tokens around a text belong to it. */
  private encodeByLibrary(text: string, whole: boolean): readonly number[] {
    return this.openLibrary().encode(asReference(wellFormed(text)), { add_special_tokens: whole }).ids;
  }

  /** Not before the first text that needs it: its tables take tens of megabytes. */
  private openLibrary(): HuggingFaceTokenizer {
    this.library ??= new HuggingFaceTokenizer(JSON.parse(this.json) as object, {});
    return this.library;
  }
}

/** Lone surrogates, also one that a cut made, become U+FFFD, which tokenisers drop. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Ideographs beyond the basic plane, as the reference implementation lists them. */
const ASTRAL_IDEOGRAPHS = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/**
 * Makes up for two places where the library's BERT normaliser differs from the reference (the Rust tokenizers that the model was
 * trained with): JavaScript lower-cases a final sigma by its place in the word, and the library looks for ideographs, each of
 * which is a word of its own, in the basic plane alone.
 */
function asReference(text: string): string {
  return text.replace(/Σ/gu, 'σ').replace(ASTRAL_IDEOGRAPHS, ' $& ');
}
