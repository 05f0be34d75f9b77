import type { OffsetRange } from '../snippet';
import { javaScriptComments } from './lexical/javascript';
import { pythonComments } from './lexical/python';

/** Ranges of the comments of a source as the grammar finds them, but found without parsing; undefined where only the grammar can tell. */
export type Lexer = (source: string) => OffsetRange[] | undefined;

/** How the comments of one language are found. Language identifiers are those of VS Code. */
export interface Language {
  readonly id: string;
  /** File name endings, with the dot, or whole file names; in lower case. */
  readonly files: readonly string[];
  /** Exact way: the tree-sitter grammar (`tree-sitter-NAME.wasm`) and the query whose captures are comments. */
  readonly grammar?: { readonly name: string; readonly query: string };
  /** Fast way in front of the grammar. */
  readonly lexer?: Lexer;
  /** Approximate way, where no grammar is at hand. */
  readonly markers?: CommentMarkers;
}

/** What begins and ends comments and strings, for languages without a grammar. */
export interface CommentMarkers {
  readonly line: readonly string[];
  readonly block?: readonly (readonly [open: string, close: string])[];
  /** Quotes of strings, within which no comment begins. */
  readonly quotes?: string;
}

const COMMENT = '(comment) @comment';
const LINE_AND_BLOCK = '[(line_comment) (block_comment)] @comment';
const JAVASCRIPT = '[(comment) (html_comment)] @comment';
/** Docstrings are strings to the grammar: the first statement of a module, class or function is one when it is a string. */
const PYTHON = `
  (comment) @comment
  (module . (comment)* . (expression_statement (string) @comment))
  (class_definition body: (block . (expression_statement (string) @comment)))
  (function_definition body: (block . (expression_statement (string) @comment)))`;

const grammar = (id: string, name: string, files: string, query = COMMENT): Language => ({ id, files: files.split(' '), grammar: { name, query } });
const markers = (id: string, files: string, found: CommentMarkers): Language => ({ id, files: files.split(' '), markers: found });
const lexed = (lexer: Lexer, language: Language): Language => ({ ...language, lexer });

const withJsx: Lexer = (source) => javaScriptComments(source, true);
const withoutJsx: Lexer = (source) => javaScriptComments(source, false);

const C_BLOCK = [['/*', '*/']] as const;
const C_LIKE: CommentMarkers = { line: ['//'], block: C_BLOCK, quotes: '"\'' };
const HASH: CommentMarkers = { line: ['#'], quotes: '"\'' };
const MARKUP: CommentMarkers = { line: [], block: [['<!--', '-->']] };

/** Every language whose comments can be found. */
export const LANGUAGES: readonly Language[] = [
  lexed(withoutJsx, grammar('typescript', 'typescript', '.ts .mts .cts', JAVASCRIPT)),
  lexed(withJsx, grammar('typescriptreact', 'tsx', '.tsx', JAVASCRIPT)),
  lexed(withJsx, grammar('javascript', 'javascript', '.js .mjs .cjs', JAVASCRIPT)),
  lexed(withJsx, grammar('javascriptreact', 'javascript', '.jsx', JAVASCRIPT)),
  grammar('java', 'java', '.java', LINE_AND_BLOCK),
  // The C++ grammar reads C as well as far as comments go, and there is no grammar of C alone among those we ship.
  grammar('c', 'cpp', '.c .h'),
  grammar('cpp', 'cpp', '.cc .cpp .cxx .c++ .hh .hpp .hxx .h++ .ino .ipp'),
  grammar('csharp', 'c-sharp', '.cs .csx'),
  grammar('go', 'go', '.go'),
  grammar('rust', 'rust', '.rs', LINE_AND_BLOCK),
  lexed(pythonComments, grammar('python', 'python', '.py .pyi .pyw', PYTHON)),
  grammar('ruby', 'ruby', '.rb .rake .gemspec rakefile gemfile'),
  grammar('php', 'php', '.php .phtml'),
  grammar('shellscript', 'bash', '.sh .bash .zsh .ksh'),
  grammar('css', 'css', '.css'),
  grammar('ini', 'ini', '.ini'),
  // There is a grammar, but V8 takes some twenty seconds to optimise its lexer, and keeps the process from loading others and from ending meanwhile.
  markers('powershell', '.ps1 .psm1 .psd1', { line: ['#'], block: [['<#', '#>']], quotes: '"\'' }),
  markers('scss', '.scss', C_LIKE),
  markers('less', '.less', C_LIKE),
  markers('jsonc', '.jsonc', C_LIKE),
  markers('kotlin', '.kt .kts', C_LIKE),
  markers('swift', '.swift', { ...C_LIKE, quotes: '"' }),
  markers('scala', '.scala .sc', { ...C_LIKE, quotes: '"' }),
  markers('groovy', '.groovy .gradle', C_LIKE),
  markers('dart', '.dart', C_LIKE),
  markers('objective-c', '.m', C_LIKE),
  markers('objective-cpp', '.mm', C_LIKE),
  markers('zig', '.zig', { line: ['//'], quotes: '"' }),
  markers('proto', '.proto', C_LIKE),
  markers('fsharp', '.fs .fsx .fsi', { line: ['//'], block: [['(*', '*)']], quotes: '"' }),
  markers('terraform', '.tf .tfvars', { line: ['#', '//'], block: C_BLOCK, quotes: '"' }),
  markers('sql', '.sql', { line: ['--'], block: C_BLOCK, quotes: '\'"' }),
  markers('lua', '.lua', { line: ['--'], block: [['--[[', ']]']], quotes: '"\'' }),
  markers('haskell', '.hs', { line: ['--'], block: [['{-', '-}']], quotes: '"' }),
  markers('ocaml', '.ml .mli', { line: [], block: [['(*', '*)']], quotes: '"' }),
  markers('perl', '.pl .pm', HASH),
  markers('r', '.r', HASH),
  markers('julia', '.jl', { line: ['#'], block: [['#=', '=#']], quotes: '"' }),
  markers('elixir', '.ex .exs', HASH),
  markers('nim', '.nim', HASH),
  markers('yaml', '.yaml .yml', HASH),
  markers('toml', '.toml', HASH),
  markers('dockerfile', '.dockerfile dockerfile containerfile', HASH),
  markers('makefile', '.mk makefile gnumakefile', HASH),
  markers('cmake', '.cmake cmakelists.txt', HASH),
  markers('graphql', '.graphql .gql', HASH),
  markers('erlang', '.erl .hrl', { line: ['%'], quotes: '"' }),
  markers('latex', '.tex .sty .cls', { line: ['%'] }),
  markers('clojure', '.clj .cljs .cljc', { line: [';'], quotes: '"' }),
  markers('lisp', '.lisp .el .scm', { line: [';'], quotes: '"' }),
  markers('html', '.html .htm .xhtml', MARKUP),
  markers('xml', '.xml .xsd .xsl .svg', MARKUP),
  markers('vue', '.vue', MARKUP),
  markers('svelte', '.svelte', MARKUP),
];

const BY_ID = new Map(LANGUAGES.map((language) => [language.id, language]));
const BY_FILE = new Map(LANGUAGES.flatMap((language) => language.files.map((file) => [file, language] as const)));

/** The language with this VS Code identifier, if its comments can be found. */
export function languageById(id: string): Language | undefined {
  return BY_ID.get(id);
}

/** The language of a file, told by the last part of its path (with `/` or `\`), if its comments can be found. */
export function languageOfFile(path: string): Language | undefined {
  const name = (/[^/\\]*$/u.exec(path)?.[0] ?? '').toLowerCase();
  return BY_FILE.get(name) ?? BY_FILE.get(/\.[^.]*$/u.exec(name)?.[0] ?? '');
}
