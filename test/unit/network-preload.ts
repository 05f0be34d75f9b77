/**
 * Loaded into a process before anything else: guards its network, and writes every attempt, and every native library that it loads
 * with what the library sees of the switch against telemetry, to the file that `GLANCE_NETWORK_LOG` names.
 */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { guardNetwork } from '../network-guard';

const log = process.env['GLANCE_NETWORK_LOG'];
if (log === undefined) {
  throw new Error('GLANCE_NETWORK_LOG must name a file.');
}
guardNetwork((what) => appendFileSync(log, `attempt: ${what}\n`));

const dlopen = process.dlopen.bind(process);
process.dlopen = (...args: Parameters<typeof dlopen>) => {
  appendFileSync(log, `library: ${path.basename(args[1])}, ORT_DISABLE_TELEMETRY=${process.env['ORT_DISABLE_TELEMETRY']}\n`);
  dlopen(...args);
};
