import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { decodeSource } from '../../core/files/decode';
import { LONGEST_SOURCE } from '../../core/sources/comments/comments';

/** A source file, and whether some of its bytes could not be read as text; or why it was not read: after its name ("is binary"), and after the number of such files ("of binary content"). */
export type SourceFile = { readonly text: string; readonly garbled: boolean } | { readonly fault: string; readonly counted: string };

/**
 * Reads a source file. At once: a scan of cached files, as most are, took a sixth longer with the five ways to the thread pool and back that each file had.
 */
export function readSource(file: string): SourceFile {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) {
      return { fault: 'is not a file', counted: 'that is no regular file' };
    }
    // A character takes a byte or more, so the limit in characters is never reached by a file within it in bytes.
    if (stats.size > LONGEST_SOURCE) {
      return { fault: `is ${(stats.size / 1e6).toFixed(0)} MB long; files of up to ${LONGEST_SOURCE / 1e6} MB are classified`, counted: `over ${LONGEST_SOURCE / 1e6} MB` };
    }
    const bytes = readFileSync(file);
    const text = decodeSource(bytes);
    // The character that stands for them may be in a file by right.
    return text === undefined ? { fault: 'is binary, not source code', counted: 'of binary content' } : { text, garbled: text.includes('\uFFFD') && !isUtf8(bytes) };
  } catch (error) {
    return { fault: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, counted: 'unreadable' };
  }
}
