// A green line is worth something only if suites that end badly are red: these are such suites.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { withLifetime } from '../../scripts/harness/lifetime.mjs';
import { mocha } from '../../scripts/harness/suites.mjs';

/** Runs mocha on one test file as `npm test` does; gives the counts and what was printed. */
async function runTestFile(text, options) {
  const printed = [];
  const log = console.log;
  console.log = (line) => printed.push(line);
  try {
    return await withLifetime(async (lifetime) => {
      const file = path.join(lifetime.temporaryFolder('suite'), 'it.test.cjs');
      fs.writeFileSync(file, text);
      const { passed, failed, skipped, failures } = await mocha(lifetime, ['--no-config', file], options);
      return { counts: { passed, failed, skipped }, failures, printed: printed.join('\n') };
    });
  } finally {
    console.log = log;
  }
}

const PASSES = 'it("passes", () => {});';

describe('npm test', () => {
  it('counts what passes, fails and is skipped', async () => {
    const { counts, failures, printed } = await runTestFile(`${PASSES} it("fails", () => { throw new Error("broken"); }); it.skip("waits", () => {});`);
    assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 1 });
    assert.match(printed, /✘ fails[^]*broken/);
    assert.equal(failures.length, 1);
    assert.match(failures[0], /^fails\n[^]*broken/);
  });

  it('fails a suite that exits with status 0 before its end', async () => {
    const { counts, failures, printed } = await runTestFile(`${PASSES} it("leaves", () => process.exit(0));`);
    assert.deepEqual([counts.failed, counts.skipped], [1, 0]);
    assert.deepEqual(failures, ['the suite itself: it ended before its tests did (exit status 0)']);
    assert.match(printed, /ended before its tests did \(exit status 0\)/);
  });

  it('fails a suite that crashes', async () => {
    const { counts } = await runTestFile(`${PASSES} it("dies", () => process.kill(process.pid, 'SIGKILL'));`);
    assert.equal(counts.failed, 1);
  });

  it('fails a suite without tests', async () => {
    const { counts, printed } = await runTestFile('describe("nothing", () => {});');
    assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
    assert.match(printed, /ran no test/);
  });

  it('fails a suite whose process ends badly after its tests passed', async () => {
    const { counts, printed } = await runTestFile(`${PASSES} after(() => process.once('exit', () => process.kill(process.pid, 'SIGKILL')));`);
    assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
    assert.match(printed, /exit status is 128/);
  });

  it('ends a suite that hangs, with what it started', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.unref(); // a failure ends the suite all the same
    const connected = once(server, 'connection');
    const grandchild = `require('node:net').connect(${server.address().port}, '127.0.0.1'); setInterval(() => {}, 1000);`;
    const { counts, printed } = await runTestFile(`it("hangs", function () {
      this.timeout(0);
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'ignore' });
      return new Promise(() => {});
    });`, { timeoutMs: 30_000 });
    assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
    assert.match(printed, /time was up/);
    const [socket] = await connected;
    socket.on('error', () => {}).resume();
    if (!socket.closed) await once(socket, 'close'); // never comes when the grandchild lives on
    server.close();
  });
});
