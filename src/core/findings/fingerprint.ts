import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Bytes of a fingerprint: two of a million findings share one with a probability of 1 in 30 million. */
const BYTES = 8;

/**
 * Tells the findings of one file from all others, wherever in the file they move: by the file's path, the text as the model read it, and
 * which occurrence of that text in the file it is. The text cannot be read from it.
 */
export class Fingerprints {
  private readonly occurrences = new Map<string, number>();

  /** @param path of the file, relative to the folder that the baseline stands in, with `/`. */
  constructor(private readonly path: string) {}

  /** The fingerprint of the next finding in the file, in hexadecimal digits. */
  next(text: string): string {
    const occurrence = this.occurrences.get(text) ?? 0;
    this.occurrences.set(text, occurrence + 1);
    return bytesToHex(sha256(utf8ToBytes(JSON.stringify([this.path, text, occurrence]))).subarray(0, BYTES));
  }
}
