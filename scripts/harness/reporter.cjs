/**
 * A mocha reporter that sends each result as a line of JSON to the loopback port in GLANCE_RESULTS_PORT.
 *
 * The same reporter serves mocha's command line and mocha inside the extension host. The receiver (results.mjs)
 * believes a suite only after its `end`, which a crash or an early process.exit() never sends.
 */
const net = require('node:net');
const process = require('node:process');

module.exports = class StreamReporter {
  #socket = net.connect(Number(process.env.GLANCE_RESULTS_PORT), '127.0.0.1');

  constructor(runner) {
    this.#socket.on('error', () => {}); // the receiver is gone, and with it whoever waits for the results
    const title = (test) => test.titlePath().join(' > ');
    runner.on('pass', (test) => this.#send({ event: 'pass', title: title(test), ms: test.duration }));
    runner.on('pending', (test) => this.#send({ event: 'skip', title: title(test) }));
    runner.on('fail', (test, error) => this.#send({ event: 'fail', title: title(test), error: String(error?.stack ?? error) }));
    runner.once('end', () => this.#send({ event: 'end' }));
  }

  #send(message) {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Mocha's last call: goes on when everything is sent. */
  done(failures, finish) {
    this.#socket.end(() => finish(failures));
  }
};
