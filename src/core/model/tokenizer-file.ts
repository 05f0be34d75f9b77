import * as z from '../schema';

const id = z.int().check(z.nonnegative());
const flag = z.nullish(z.boolean());
const kind = z.nullish(z.object({ type: z.string() }));

/** The parts of a `tokenizer.json` that decide how a text is cut, as far as they are read here; the library reads the others. */
const tokenizerSchema = z.object({
  /** Tokens that are found in a text before anything else is done to it. */
  added_tokens: z.nullish(z.array(z.object({ id, content: z.string(), single_word: flag, lstrip: flag, rstrip: flag, normalized: flag }))),
  normalizer: z.nullish(z.object({ type: z.string(), lowercase: flag })),
  pre_tokenizer: kind,
  post_processor: z.nullish(z.object({ type: z.string(), single: z.nullish(z.array(z.object({ SpecialToken: z.nullish(z.object({ id: z.string() })) }))) })),
  model: z.object({
    type: z.nullish(z.string()),
    unk_token: z.nullish(z.string()),
    continuing_subword_prefix: z.nullish(z.string()),
    max_input_chars_per_word: z.nullish(z.int().check(z.positive())),
    /** Ids by token; other kinds of tokenizers have a list in order of the ids. */
    vocab: z.custom<Readonly<Record<string, number>> | readonly unknown[]>((vocab) => typeof vocab === 'object' && vocab !== null, 'is neither a table nor a list'),
  }),
});

export type TokenizerFile = z.infer<typeof tokenizerSchema>;

/** A token that is found in a text before anything else is done to it. */
export type AddedToken = NonNullable<TokenizerFile['added_tokens']>[number];

/** Tokens, and the id of each. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly ids: Int32Array;
  /** -1 when there are none. */
  readonly largestId: number;
}

/**
 * Reads a `tokenizer.json`.
 * @throws {Error} which says what is wrong with it.
 */
export function parseTokenizerFile(json: string): TokenizerFile {
  const { data, error } = z.safeParse(tokenizerSchema, JSON.parse(json));
  if (error) {
    const [issue] = error.issues;
    throw new Error(`${issue?.path.join('.') || 'all of it'}: ${issue?.message ?? ''}`);
  }
  return data;
}

/**
 * The vocabulary of a tokenizer. A file has it as a table, or as a list in order of the ids, whose places then stand for the tokens.
 * @throws {RangeError} for an id that is none.
 */
export function vocabularyOf({ model: { vocab } }: TokenizerFile): Vocabulary {
  const tokens = Object.keys(vocab);
  const ids = new Int32Array(tokens.length);
  let largestId = -1;
  // Not in the schema, which would take longer for a whole vocabulary than everything else here.
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    const id = isTable(vocab) ? vocab[token] : index;
    if (id === undefined || !Number.isInteger(id) || id < 0) {
      throw new RangeError(`model.vocab: the id of ${JSON.stringify(token)} is ${JSON.stringify(id)}, not a whole number from 0`);
    }
    ids[index] = id;
    largestId = Math.max(largestId, id);
  }
  return { tokens, ids, largestId };
}

function isTable(vocab: TokenizerFile['model']['vocab']): vocab is Readonly<Record<string, number>> {
  return !Array.isArray(vocab);
}
