import { REQUESTS_AT_A_TIME } from '../../engine/engine-pool';

/** How much is done at the same time while results keep their order: the options of `pMapIterable`. */
export interface InOrder {
  readonly concurrency: number;
  /** Results that may wait for those before them. */
  readonly backpressure: number;
}

/** Enough work for so many engines: while each works, there is something for it to go on with. */
export function inOrderFor(engines: number): InOrder {
  const concurrency = REQUESTS_AT_A_TIME * engines;
  return { concurrency, backpressure: 2 * concurrency };
}
