import { Language as Grammar, Parser, Query } from 'web-tree-sitter';
import type { OffsetRange } from '../snippet';
import type { Language } from './languages';

/** Reads a file of `dist/grammars`: `web-tree-sitter.wasm` or `tree-sitter-NAME.wasm`. */
export type GrammarReader = (file: string) => Promise<Uint8Array>;

type GrammarLanguage = Language & { readonly grammar: NonNullable<Language['grammar']> };

/** Tells a time in milliseconds. */
export type Clock = () => number;

/**
 * Time after which a parse is given up, in milliseconds, by every clock. Real sources take seconds for some five million characters; text that drives
 * a grammar's recovery from errors mad must not keep others waiting. Steps of the parser cannot be counted in its place: there one takes a third of a second.
 */
const PARSE_LIMIT = 10_000;

interface LoadedGrammar {
  readonly parser: Parser;
  readonly query: Query;
}

/** The tree-sitter grammars, each loaded when the first source of its language comes. */
export class Grammars {
  private runtime: Promise<void> | undefined;
  private readonly loaded = new Map<string, Promise<LoadedGrammar>>();

  /**
   * @param clocks that must all say so before a parse is given up: the time of day passes on a busy machine though nothing is done.
   * @param parseLimit time after which a parse is given up, in milliseconds.
   */
  constructor(
    private readonly read: GrammarReader,
    private readonly clocks: readonly Clock[] = [() => performance.now()],
    private readonly parseLimit = PARSE_LIMIT,
  ) {}

  /**
   * Ranges of the comments of `source`, in order of position. Grammars recover from errors, so comments are found in broken
   * code as well.
   * @throws when the grammar cannot be loaded, or takes too long.
   */
  async comments(source: string, language: GrammarLanguage): Promise<OffsetRange[]> {
    const { parser, query } = await this.grammar(language);
    const deadlines = this.clocks.map((clock) => ({ clock, deadline: clock() + this.parseLimit }));
    const tree = parser.parse(source, null, { progressCallback: () => deadlines.every(({ clock, deadline }) => clock() > deadline) });
    if (!tree) {
      parser.reset();
      throw new Error(`The grammar of ${language.id} did not come to an end of this source within ${this.parseLimit / 1000} seconds`);
    }
    try {
      return query.captures(tree.rootNode).map(({ node }) => ({ start: node.startIndex, end: node.endIndex }));
    } finally {
      // Trees live in the memory of the WASM module, which the garbage collector does not see.
      tree.delete();
    }
  }

  private grammar({ id, grammar }: GrammarLanguage): Promise<LoadedGrammar> {
    let loading = this.loaded.get(id);
    if (!loading) {
      loading = this.load(grammar.name, grammar.query);
      this.loaded.set(id, loading);
      loading.catch(() => this.loaded.delete(id));
    }
    return loading;
  }

  private async load(name: string, source: string): Promise<LoadedGrammar> {
    this.runtime ??= this.read('web-tree-sitter.wasm').then((wasmBinary) => Parser.init({ wasmBinary }));
    // What could not be read now may be read for the next source.
    await this.runtime.catch((error: unknown) => {
      this.runtime = undefined;
      throw error;
    });
    const grammar = await Grammar.load(await this.read(`tree-sitter-${name}.wasm`));
    return { parser: new Parser().setLanguage(grammar), query: new Query(grammar, source) };
  }
}
