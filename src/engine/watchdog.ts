/** How long a silence is borne. */
export interface Patience {
  /** Pause between pings, in milliseconds. */
  readonly interval: number;
  /** Intervals in a row without an answer after which the silence is no longer taken for work. */
  readonly intervals: number;
}

/**
 * A minute: the longest that a healthy engine keeps its thread to itself is one parse, which is given up after ten seconds; the rest is
 * room for slow and busy machines. Striking a healthy engine would cost its user more than waiting for a hung one.
 */
export const PATIENCE: Patience = { interval: 5000, intervals: 12 };

/**
 * Notices that a process no longer answers while it has work. It counts intervals in which a ping stayed unanswered, not time: when the
 * machine has slept or this process was held up, that is one interval whatever it lasted, and the other side gets its chance to answer.
 */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private silentIntervals = 0;

  /**
   * @param ping resolves when the other side has answered.
   * @param onSilence is called once the patience is used up, with the milliseconds that it lasted at least.
   */
  constructor(
    private readonly ping: () => Promise<unknown>,
    private readonly onSilence: (milliseconds: number) => void,
    private readonly patience: Patience,
  ) {}

  /** Begins to watch, if it does not yet. */
  start(): void {
    this.timer ??= setInterval(() => this.tick(), this.patience.interval);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.silentIntervals = 0;
  }

  private tick(): void {
    const { interval, intervals } = this.patience;
    if (this.silentIntervals === intervals) {
      this.stop();
      this.onSilence(interval * intervals);
      return;
    }
    if (this.silentIntervals === 0) {
      const hear = (): void => void (this.silentIntervals = 0);
      // That the other side is gone is told elsewhere.
      this.ping().then(hear, () => undefined);
    }
    this.silentIntervals += 1;
  }
}
