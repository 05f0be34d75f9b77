import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error';
import type { Command, Options, Values } from './command';

/** What a command line asks for. Help is of one command, or of all. */
export type Request =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: Command; readonly values: Values<Options>; readonly operands: readonly string[] };

/** Options that there are without a command, and `--help` with each. */
export const GLOBAL_OPTIONS = { help: { help: 'explain glance, or the command that it stands behind' }, version: { help: 'print the version' } } satisfies Options;

/** Reads a command line: first the command, then its options and operands in any order. @throws {UsageError} saying what is wrong. */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): Request {
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
  if (!command) {
    return parseGlobal(args, commands);
  }
  const { values, positionals } = parse(args.slice(command.name.split(' ').length), command, commands);
  if (values['help']) {
    return { kind: 'help', command };
  }
  if (positionals.some((operand) => operand.trim() === '')) {
    // An unset variable of a script.
    throw new UsageError(`What follows glance ${command.name} is empty in one place: leave that out. (See: glance ${command.name} --help)`);
  }
  return { kind: 'run', command, values, operands: positionals };
}

function parseGlobal([first, ...rest]: readonly string[], commands: readonly Command[]): Request {
  if (first === '--help' || first === '-h') {
    return { kind: 'help', command: undefined };
  }
  if (first === '--version') {
    return { kind: 'version' };
  }
  if (first === undefined || first.startsWith('-')) {
    throw new UsageError('Say what to do first, for example: glance classify src (See: glance --help)');
  }
  const family = commands.filter(({ name }) => name.startsWith(`${first} `));
  const known = (family.length > 0 ? family : commands).map(({ name }) => name);
  throw new UsageError(`There is no command "${family.length > 0 ? [first, ...rest].join(' ') : first}"; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}. (See: glance --help)`);
}

function parse(args: readonly string[], { name, options }: Command, commands: readonly Command[]): { values: Values<Options>; positionals: readonly string[] } {
  const known = Object.entries(options).map(([option, { value }]) => [option, { type: value === undefined ? ('boolean' as const) : ('string' as const) }] as const);
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { ...Object.fromEntries(known), help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    const { message } = error as Error;
    const [, unknown] = /^Unknown option '(--?[^']+)'/u.exec(message) ?? [];
    const others = commands.filter((other) => unknown !== undefined && Object.hasOwn(other.options, unknown.replace(/^--/u, '')));
    if (others.length > 0) {
      throw new UsageError(`${unknown} is for ${others.map((other) => `glance ${other.name}`).join(', ')}: leave it out.`);
    }
    // Node's own advice on dashes is of no use here: hardly a path, and neither shares nor thresholds begin with one.
    const [, option] = /^Option '(--[\w-]+)[^']*' argument is ambiguous/u.exec(message) ?? [];
    const fault = unknown !== undefined ? `There is no option ${unknown}.` : option ? `${option} takes a value that does not begin with a dash.` : message;
    throw new UsageError(`${fault} (See: glance ${name} --help)`);
  }
}
