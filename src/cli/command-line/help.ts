import type { Command, Options } from './command';
import { GLOBAL_OPTIONS } from './parse';

/** Columns of the help, and where the explanations of options and commands begin. */
const WIDTH = 110;
const INDENT = 26;

/** Statuses that every command may end with. */
const STATUSES: Readonly<Record<number, string>> = { 0: 'done', 2: 'wrong usage, or input that cannot be used: the message says what is wrong' };

/** What `glance --help` prints. */
export function helpOfAll(commands: readonly Command[]): string {
  return sections([
    ['', 'glance: classifies code comments, commit messages and documentation on this machine, and says how sure it is.'],
    ['Usage', '  glance COMMAND [options] ...\n  glance COMMAND --help'],
    ['Commands', commands.map(({ name, summary }) => entry(name, summary)).join('\n')],
    ['Options', optionList(GLOBAL_OPTIONS)],
    ['Exit status', statusList({ ...STATUSES, 1: 'the check that was asked for failed; each command says when' })],
    ['Examples', exampleList(commands.flatMap(({ examples }) => examples.slice(0, 1)))],
  ]);
}

/** What `glance COMMAND --help` prints. */
export function helpOf({ name, summary, usage, options, notes = [], statuses, examples }: Command): string {
  const groups = new Set(Object.values(options).map(({ group }) => group ?? 'Options'));
  return sections([
    ['', `glance ${name}: ${summary}.`],
    ['Usage', usage.map((line) => `  glance ${line}`).join('\n')],
    ...[...groups].map((group) => [group, optionList(Object.fromEntries(Object.entries(options).filter(([, option]) => (option.group ?? 'Options') === group)))] as const),
    ...notes.map((note) => ['', note] as const),
    ['Exit status', statusList({ ...STATUSES, ...statuses })],
    ['Examples', exampleList(examples)],
  ]);
}

function sections(parts: readonly (readonly [heading: string, text: string])[]): string {
  return `${parts.map(([heading, text]) => (heading === '' ? text : `${heading}:\n${text}`)).join('\n\n')}\n`;
}

function optionList(options: Options): string {
  return Object.entries(options).map(([name, { value, help }]) => entry(`--${name}${value === undefined ? '' : ` ${value}`}`, help)).join('\n');
}

function statusList(statuses: Readonly<Record<number, string>>): string {
  return Object.entries(statuses).map(([status, meaning]) => `  ${status}  ${meaning}`).join('\n');
}

function exampleList(examples: Command['examples']): string {
  return examples.map(([line, what]) => `  ${line}\n      ${what}`).join('\n');
}

/** A name, and what it means beside it, in as many lines as that takes. */
function entry(name: string, meaning: string): string {
  const lines = wrap(meaning, WIDTH - INDENT);
  const first = name.length + 4 > INDENT ? [`  ${name}`] : [`  ${name.padEnd(INDENT - 2)}${lines.shift() ?? ''}`];
  return [...first, ...lines.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
