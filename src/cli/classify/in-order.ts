/** How much is done at the same time while results keep their order: the options of `pMapIterable`. */
export interface InOrder {
  readonly concurrency: number;
  /** Results that may wait for those before them. */
  readonly backpressure: number;
}

/** Requests under way for each engine: texts of one length from all of them go through the encoder together, twice as many as of one request. */
const REQUESTS = 4;

/** Enough work for so many engines: while each works, there is something for it to go on with. */
export function inOrderFor(engines: number): InOrder {
  const concurrency = REQUESTS * engines;
  return { concurrency, backpressure: 2 * concurrency };
}
