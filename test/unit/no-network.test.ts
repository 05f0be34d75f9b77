import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { DIST, WORKSPACE } from './shipped';

/** Of a block that is kept free for documentation: nobody is there. */
const ELSEWHERE = '192.0.2.1';

/** Milliseconds after which a program hangs. */
const LIMIT = 50_000;

describe('nothing leaves the machine', () => {
  let folder: string;
  let preload: string;
  let session: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'glance-test-'));
    const entryPoints = ['network-preload', 'network-session'].map((name) => path.join(__dirname, `${name}.ts`));
    // Beside the bundles, the session finds what ships where the tests' own modules look for it.
    buildSync({ entryPoints, outdir: folder, bundle: true, platform: 'node', format: 'cjs', target: 'node20', define: { __dirname: JSON.stringify(__dirname), __filename: JSON.stringify(__filename) } });
    [preload, session] = [path.join(folder, 'network-preload.js'), path.join(folder, 'network-session.js')];
  });
  after(() => rmSync(folder, { recursive: true }));

  const rows = '{"id": 1, "text": "TODO: this is a hack"}\n{"id": 2, "text": "Returns the name."}\n';
  const cli = path.join(DIST, 'cli.js');
  const server = path.join(DIST, 'engine.js');
  /** What is run, each as arguments of Node.js, with its input. */
  const programs: [what: string, args: () => string[], input: string][] = [
    ['the command line on files', () => [cli, 'classify', '--full', WORKSPACE], ''],
    ['the command line on rows', () => [cli, 'classify', '--full', '--jsonl'], rows],
  ];

  describe('seen from Node.js', () => {
    /** Runs Node.js under the guard. @returns what it did, and the guard's log. */
    const guarded = (args: readonly string[], input = ''): { run: SpawnSyncReturns<string>; log: string[] } => {
      const file = path.join(folder, 'network.log');
      rmSync(file, { force: true });
      const run = spawnSync(process.execPath, args, { input, encoding: 'utf8', timeout: LIMIT, env: { ...process.env, GLANCE_NETWORK_LOG: file, ORT_DISABLE_TELEMETRY: undefined } });
      return { run, log: existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [] };
    };

    for (const [what, args, input] of programs) {
      it(`${what} attempts nothing, and has telemetry switched off before ONNX Runtime loads`, () => {
        const { run, log } = guarded(['--require', preload, ...args()], input);
        assert.equal(run.status, 0, run.stderr);
        assert.deepEqual(log, ['library: onnxruntime_binding.node, ORT_DISABLE_TELEMETRY=1']);
      });
    }

    it('the engine attempts nothing, and has telemetry switched off before ONNX Runtime loads', () => {
      // The engine's process takes no options of Node.js from its parent: the guard comes in front of its program.
      const guardedServer = path.join(folder, 'guarded-engine.cjs');
      writeFileSync(guardedServer, `require(${JSON.stringify(preload)});\nrequire(${JSON.stringify(server)});\n`);
      const { run, log } = guarded([session, guardedServer]);
      assert.equal(run.stdout, 'done\n', run.stderr);
      assert.deepEqual(log, Array<string>(2).fill('library: onnxruntime_binding.node, ORT_DISABLE_TELEMETRY=1'));
    });

    const attempts: [code: string, what: string][] = [
      [`require('node:net').connect(9, '${ELSEWHERE}')`, `connect to ${ELSEWHERE}:9`],
      [`require('node:net').createConnection({ host: 'example.com', port: 80 })`, 'connect to example.com:80'],
      [`require('node:tls').connect({ host: '${ELSEWHERE}', port: 443 })`, `connect to ${ELSEWHERE}:443`],
      [`require('node:https').get('https://example.com/')`, 'connect to example.com:443'],
      [`fetch('http://example.com/').catch(() => {})`, 'connect to example.com:80'],
      [`require('node:dgram').createSocket('udp4').send('x', 9, '${ELSEWHERE}')`, `send a datagram to ${ELSEWHERE}`],
      [`require('node:dgram').createSocket('udp4').connect(9, '${ELSEWHERE}')`, `connect a datagram to ${ELSEWHERE}`],
      [`require('node:dns').lookup('example.com', () => {})`, 'look up example.com'],
      [`require('node:dns').promises.resolve4('example.com')`, 'look up example.com'],
      [`new (require('node:dns').Resolver)().resolveTxt('example.com', () => {})`, 'look up example.com'],
    ];
    for (const [code, what] of attempts) {
      it(`catches ${code}`, () => {
        assert.deepEqual(guarded(['--require', preload, '--eval', code]).log, [`attempt: ${what}`]);
      });
    }

    it('lets pass what stays on the machine', () => {
      const code = `const server = require('node:http').createServer((_, response) => response.end('here')).listen(0, '127.0.0.1', async () => {
        const response = await fetch('http://localhost:' + server.address().port);
        process.stdout.write(await response.text(), () => process.exit());
      });`;
      const { run, log } = guarded(['--require', preload, '--eval', code]);
      assert.deepEqual([run.stdout, log], ['here', []], run.stderr);
    });
  });

  describe('seen from the system', () => {
    before(function () {
      const { status, error, stderr } = spawnSync('strace', ['-f', '-o', os.devNull, process.execPath, '--version'], { encoding: 'utf8' });
      if (status !== 0) {
        process.stdout.write(`      skipped: native code is watched with strace, which ${error ? 'is not here' : `does not work here (${stderr.trim().split('\n')[0]})`}\n`);
        this.skip();
      }
    });

    /** Runs a program under strace. @returns what it did, and its system calls that name an address; loopback too, for name servers may listen there. */
    const traced = (program: string, args: readonly string[], input = ''): { run: SpawnSyncReturns<string>; calls: string[] } => {
      const file = path.join(folder, 'strace.log');
      const run = spawnSync('strace', ['-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', file, program, ...args], { input, encoding: 'utf8', timeout: LIMIT });
      return { run, calls: readFileSync(file, 'utf8').split('\n').filter((line) => line.includes('sa_family=AF_INET')) };
    };

    for (const [what, args, input] of programs) {
      it(`${what} attempts nothing`, () => {
        const { run, calls } = traced(process.execPath, args(), input);
        assert.equal(run.status, 0, run.stderr);
        assert.deepEqual(calls, []);
      });
    }

    it('the engine attempts nothing', () => {
      const { run, calls } = traced(process.execPath, [session, server]);
      assert.equal(run.stdout, 'done\n', run.stderr);
      assert.deepEqual(calls, []);
    });

    it('catches a child that connects, and one that sends', () => {
      // A connected datagram socket sends nothing yet; the one that sends is given an address that the system refuses.
      const connecting = `require('node:dgram').createSocket('udp4').connect(9, '${ELSEWHERE}', () => process.exit())`;
      const sending = `require('node:dgram').createSocket('udp4').send('x', 9, '255.255.255.255', () => process.exit())`;
      for (const [code, call] of [[connecting, /connect\(.*192\.0\.2\.1/u], [sending, /send\w+\(.*255\.255\.255\.255/u]] as const) {
        const parent = `require('node:child_process').spawnSync(process.execPath, ['--eval', ${JSON.stringify(code)}])`;
        assert.match(traced(process.execPath, ['--eval', parent]).calls.join('\n'), call);
      }
    });
  });
});
