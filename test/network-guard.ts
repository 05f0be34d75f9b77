/** Denies this process every socket that leads off this machine, and tells of each attempt. */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** @param onAttempt hears what was attempted: "connect to 192.0.2.1:443". */
export function guardNetwork(onAttempt: (what: string) => void): void {
  const deny = (what: string): never => {
    onAttempt(what);
    throw new Error(`The test denies the network: ${what}.`);
  };
  // `fetch`, http, https and tls all open their sockets here.
  replace(net.Socket.prototype, 'connect', (connect) => function (...args) {
    // The library itself passes its own normalised arguments on as one list.
    const [target] = (Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args)) as [{ path?: string | null; host?: string; port?: number }];
    return typeof target.path === 'string' || isHere(target.host ?? 'localhost') ? connect.apply(this, args) : deny(`connect to ${target.host}:${target.port}`);
  });
  for (const name of ['connect', 'send'] as const) {
    replace(dgram.Socket.prototype, name, (original) => function (...args) {
      const host = args.slice(1).find((arg) => typeof arg === 'string');
      return host === undefined || isHere(host) ? original.apply(this, args) : deny(`${name} a datagram to ${host}`);
    });
  }
  const lookups = ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCaa', 'resolveCname', 'resolveMx', 'resolveNaptr', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv', 'resolveTxt', 'reverse'];
  for (const resolver of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of lookups.filter((each) => each in resolver)) {
      replace(resolver, name, (original) => function (...args) {
        return isHere(String(args[0])) ? original.apply(this, args) : deny(`look up ${String(args[0])}`);
      });
    }
  }
  syncBuiltinESMExports();
}

function replace(owner: object, name: string, by: (original: Method) => Method): void {
  const methods = owner as Record<string, Method>;
  const original = methods[name];
  if (!original) {
    throw new Error(`Node.js has no ${name} any more: guard what took its place.`);
  }
  methods[name] = by(original);
}

function isHere(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(host);
}

declare module 'node:net' {
  /** Node.js's own reading of the arguments of `connect`. */
  function _normalizeArgs(args: readonly unknown[]): unknown[];
}
