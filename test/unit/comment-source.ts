/** The comments of a source, as the engine finds them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { CommentSource, type CommentsFound } from '../../src/core/sources/comments/comments';
import { languageById } from '../../src/core/sources/comments/languages';

const require = createRequire(__filename);
const GRAMMARS = path.join(path.dirname(require.resolve('@vscode/tree-sitter-wasm/package.json')), 'wasm');

/** Reads a file of the grammars as it is installed. */
export const readGrammar = (file: string): Promise<Uint8Array> => readFile(file === 'web-tree-sitter.wasm' ? require.resolve(`web-tree-sitter/${file}`) : path.join(GRAMMARS, file));

const comments = new CommentSource(readGrammar);

export function findComments(languageId: string, source: string): Promise<CommentsFound> {
  const language = languageById(languageId);
  assert.ok(language, languageId);
  return comments.find(source, language);
}
