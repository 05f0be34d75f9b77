/** How much is done at the same time while results keep their order: the options of `pMapIterable`. */
export interface InOrder {
  readonly concurrency: number;
  /** Results that may wait for those before them. */
  readonly backpressure: number;
}

/** Enough work for so many engines: while each works, there is something for it to go on with. */
export function inOrderFor(engines: number): InOrder {
  const concurrency = engines === 1 ? 1 : engines + 1;
  return { concurrency, backpressure: 2 * concurrency };
}
