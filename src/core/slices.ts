import { nextTurn } from './next-turn';

/** Milliseconds of work after which others get a turn. */
const SLICE = 10;

/** Cuts long work into slices, so that a thread which others share stays free: that of the extension host is every extension's. */
export class Slices {
  private started = performance.now();

  /** @param signal stops the work. */
  constructor(private readonly signal?: AbortSignal) {}

  /** To be awaited between two steps: gives others a turn when the slice is over. Rejects with the signal's reason when it was aborted meanwhile. */
  async next(): Promise<void> {
    if (performance.now() - this.started >= SLICE) {
      await nextTurn();
      this.signal?.throwIfAborted();
      this.started = performance.now();
    }
  }
}
