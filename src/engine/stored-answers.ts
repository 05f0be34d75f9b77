import { createHash } from 'node:crypto';
import type { AnswerCache } from '../core/answer-cache';
import type { PersistentMap } from './persistent-map';

/** The cache of answers of one model on one backend, in a persistent map. What was classified cannot be read from it: its keys are hashes. */
export class StoredAnswers implements AnswerCache {
  constructor(private readonly map: PersistentMap) {}

  get(task: string, ids: Int32Array): Float32Array[] | undefined {
    const value = this.map.get(keyOf(task, ids));
    return value === undefined ? undefined : value.split(',').map(floatsOf);
  }

  set(task: string, ids: Int32Array, logits: readonly Float32Array[]): void {
    this.map.set(keyOf(task, ids), logits.map((exit) => Buffer.from(exit.buffer, exit.byteOffset, exit.byteLength).toString('base64url')).join(','));
  }
}

function keyOf(task: string, ids: Int32Array): string {
  return createHash('sha256').update(task).update(ids).digest('base64url').slice(0, 22);
}

function floatsOf(base64: string): Float32Array {
  // A copy: floats want an aligned buffer.
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64url')).buffer);
}
