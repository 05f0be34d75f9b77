/**
 * One-sided upper bound of a rate (Clopper and Pearson 1934): with this confidence the true rate is at most so high. Exact for
 * trials that are independent of each other.
 * @param events of `trials`, whole numbers.
 * @param confidence between 0 and 1.
 * @returns a rate from 0 to 1; 1 without a trial.
 */
export function upperBound(events: number, trials: number, confidence: number): number {
  if (events >= trials) {
    return 1;
  }
  let [low, high] = [events / trials, 1];
  // Each step halves the interval: 40 are more than a number on a screen can show.
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    [low, high] = cumulative(events, trials, middle) > 1 - confidence ? [middle, high] : [low, middle];
  }
  return high;
}

/** The fewest trials of which none having an event shows, with this confidence, that the rate is at most so high. */
export function trialsToShow(rate: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(1 - rate));
}

/** Probability of at most so many events when each trial has one with this probability, which is neither 0 nor 1. */
function cumulative(events: number, trials: number, probability: number): number {
  // By logarithms: the first term of thousands of trials is too small a number by itself.
  let term = trials * Math.log1p(-probability);
  let sum = Math.exp(term);
  for (let event = 1; event <= events; event += 1) {
    term += Math.log((trials - event + 1) / event) + Math.log(probability) - Math.log1p(-probability);
    sum += Math.exp(term);
  }
  return sum;
}
