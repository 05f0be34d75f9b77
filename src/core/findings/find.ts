import type { Decision } from '../exits/decision';
import type { LineIndex } from '../sources/line-index';
import type { Snippet } from '../sources/snippet';
import type { Finding } from './finding';
import type { Fingerprints } from './fingerprint';

/**
 * A comment that was found to be worth a mention, with its place.
 * @param lines of the file that it stands in.
 * @param fingerprints of that file: its findings must come in order of position.
 */
export function findingOf({ text, range }: Snippet, { label, labels, confidence, findingConfidence = confidence, exit, lastExit }: Decision, lines: LineIndex, fingerprints: Fingerprints): Finding {
  return { text, decision: { label, labels, confidence, findingConfidence, exit, lastExit }, start: lines.position(range.start), end: lines.position(range.end), fingerprint: fingerprints.next(text) };
}
