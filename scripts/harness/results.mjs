/** Receives test results from mocha wherever it runs, and judges whether they can be believed. */
import net from 'node:net';
import { createInterface } from 'node:readline';

/** The counts of one suite, and why it is not to be believed, if so. */
export class Results {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** What failed and why, to be said again where the output ends: what comes between is long. */
  failures = [];
  #ended = false;

  /** Takes one message of reporter.cjs. */
  add(message) {
    if (message.event === 'pass') this.passed += 1;
    if (message.event === 'skip') this.skipped += 1;
    if (message.event === 'fail') this.#fail(`${message.title}\n${message.error}`);
    if (message.event === 'end') this.#ended = true;
  }

  /**
   * Closes the suite. One that did not finish, ran nothing, or ended badly without a failing test counts one more failure.
   * @param outcome how the process ended: its exit status, and whether its time was up
   * @returns the reason for that failure, or undefined
   */
  close({ status, timedOut = false }) {
    let problem;
    if (timedOut) problem = 'its time was up';
    else if (!this.#ended) problem = `it ended before its tests did (exit status ${status})`;
    else if (this.passed + this.failed === 0) problem = 'it ran no test';
    else if (status !== 0 && this.failed === 0) problem = `no test failed, but its exit status is ${status}`;
    if (problem) this.#fail(`the suite itself: ${problem}`);
    return problem;
  }

  #fail(what) {
    this.failed += 1;
    this.failures.push(what);
  }
}

function print({ event, title, ms, error }) {
  if (event === 'pass') console.log(`  ✔ ${title} (${ms} ms)`);
  if (event === 'skip') console.log(`  - ${title} (skipped)`);
  if (event === 'fail') console.log(`  ✘ ${title}\n${error.replace(/^/gm, '      ')}`);
}

/**
 * Listens on loopback for the messages of reporter.cjs and prints each, until the lifetime ends.
 * @returns {Promise<{results: Results, env: Record<string, string>, received: () => Promise<void>}>} `env` is what the
 * reporter's process needs; `received` waits until all senders have hung up
 */
export async function receiveResults(lifetime) {
  const results = new Results();
  const senders = new Set();
  const server = net.createServer((socket) => {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    senders.add(closed);
    socket.on('error', () => {}); // a killed sender; its missing `end` tells
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line);
      results.add(message);
      print(message);
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  lifetime.defer(() => void server.close());
  return { results, env: { GLANCE_RESULTS_PORT: String(server.address().port) }, received: () => Promise.all(senders) };
}
