/** What a person at the terminal reads: progress lines, and problems without a stack trace. */

/** A problem that the reader can solve; its message says what is missing and what to do. */
export class SetupProblem extends Error {
  name = 'SetupProblem';
}

/** Prints one progress line. */
export function say(message) {
  console.log(`[glance] ${message}`);
}

/** Seconds since `start` (milliseconds, from Date.now()), for people: "4.2 s". */
export function seconds(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}

/** Runs a long step between two progress lines, with a sign of life every fifteen seconds. */
export async function step(message, work) {
  const start = Date.now();
  say(`${message} ...`);
  const ticker = setInterval(() => say(`  still at it (${Math.round((Date.now() - start) / 1000)} s)`), 15_000);
  try {
    const result = await work();
    say(`  done in ${seconds(start)}`);
    return result;
  } finally {
    clearInterval(ticker);
  }
}

/** Runs a script's main function; its number becomes the exit status, a SetupProblem is told plainly. */
export async function main(work) {
  process.stdout.on('error', () => process.exit(1)); // `| head` closed the pipe: the exit hooks still run
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupProblem ? `[glance] ${error.message}` : error);
    process.exitCode = 1;
  }
}
