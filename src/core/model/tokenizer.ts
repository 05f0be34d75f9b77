import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { ModelPackageError } from './error';

/**
 * Characters of a text that are tokenised, in UTF-16 code units. A model reads {@link Tokenizer.maximumTokens} tokens; this
 * bounds the work on a text of many megabytes.
 */
const MAXIMUM_CHARACTERS = 8192;

/** Turns texts into token ids as the model was trained to read them. */
export class Tokenizer {
  private readonly tokenizer: HuggingFaceTokenizer;

  /**
   * @param file name of the tokenizer file, for messages.
   * @param json content of a `tokenizer.json` as the Hugging Face libraries write it.
   * @param maximumTokens longest result, `[CLS]` and `[SEP]` included.
   * @throws {ModelPackageError} when the content is not that of a tokenizer.
   */
  constructor(
    file: string,
    json: string,
    readonly maximumTokens: number,
  ) {
    try {
      this.tokenizer = new HuggingFaceTokenizer(JSON.parse(json) as object, {});
    } catch (error) {
      throw new ModelPackageError(file, `is not a tokenizer file (${(error as Error).message})`);
    }
  }

  /** Token ids `[CLS] text [SEP]`. A long text keeps its beginning, and the final `[SEP]`. */
  encode(text: string): Int32Array {
    const { ids } = this.tokenizer.encode(wellFormedStart(text));
    if (ids.length <= this.maximumTokens) {
      return Int32Array.from(ids);
    }
    const kept = Int32Array.from(ids.slice(0, this.maximumTokens));
    kept[kept.length - 1] = ids.at(-1) ?? 0;
    return kept;
  }
}

/** The text's beginning; lone surrogates, also one that the cut made, become U+FFFD, which tokenisers drop. */
function wellFormedStart(text: string): string {
  return text.slice(0, MAXIMUM_CHARACTERS).replace(/\p{Surrogate}/gu, '\ufffd');
}
