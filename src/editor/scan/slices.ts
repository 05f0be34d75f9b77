import { nextTurn } from '../../core/next-turn';

/** Milliseconds of work after which others get a turn. */
const SLICE = 10;

/** Cuts long work into slices, so that the extension host's thread, which all extensions share, stays free. */
export class Slices {
  private started = performance.now();

  /** To be awaited between two steps: gives others a turn when the slice is over. */
  async next(): Promise<void> {
    if (performance.now() - this.started >= SLICE) {
      await nextTurn();
      this.started = performance.now();
    }
  }
}
