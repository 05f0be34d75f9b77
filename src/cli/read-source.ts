import { readFile, stat } from 'node:fs/promises';
import { LONGEST_SOURCE } from '../core/sources/comments/comments';

/** A source file, or why it was not read: after its name ("is binary"), and after the number of such files ("binary"). */
export type SourceFile = { readonly text: string } | { readonly fault: string; readonly counted: string };

/** Reads a source file as UTF-8, or UTF-16 where it has a byte order mark. Bytes that are neither become U+FFFD. */
export async function readSource(file: string): Promise<SourceFile> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) {
      return { fault: 'is not a file', counted: 'that is no regular file' };
    }
    // A character takes a byte or more, so the limit in characters is never reached by a file within it in bytes.
    if (stats.size > LONGEST_SOURCE) {
      return { fault: `is ${(stats.size / 1e6).toFixed(0)} MB long; files of up to ${LONGEST_SOURCE / 1e6} MB are classified`, counted: `over ${LONGEST_SOURCE / 1e6} MB` };
    }
    const bytes = await readFile(file);
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
    if (encoding === 'utf-8' && bytes.subarray(0, 8192).includes(0)) {
      return { fault: 'is binary, not source code', counted: 'binary' };
    }
    return { text: new TextDecoder(encoding).decode(bytes) };
  } catch (error) {
    return { fault: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, counted: 'unreadable' };
  }
}
