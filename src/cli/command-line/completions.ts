import type { Command, Offer, Option } from './command';
import { GLOBAL_OPTIONS } from './parse';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Scripts that complete command lines of `glance`, by shell. */
export const COMPLETIONS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = { bash, zsh, fish };

/** Every command has it. */
const HELP: readonly [string, Option] = ['help', GLOBAL_OPTIONS.help];

const optionsOf = ({ options }: Command): (readonly [name: string, option: Option])[] => [...Object.entries(options), HELP];

/** The first phrase of an explanation: shells show a line. */
const brief = (help: string): string => help.split(/[;:(]/u, 1)[0]?.trim() ?? '';

/** Where the next word may be one of several: at the start, and in the middle of a command of two words. By the words before it. */
function nextWords(commands: readonly Command[]): Map<string, string[]> {
  const next = new Map<string, string[]>([['', []]]);
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    next.set('', [...new Set([...(next.get('') ?? []), first])]);
    if (second !== undefined) {
      next.set(first, [...(next.get(first) ?? []), second]);
    }
  }
  return next;
}

/** For bash from 3.2 on, which macOS has: where nothing is offered, it offers files. */
function bash(commands: readonly Command[]): string {
  const words = (offer: Offer | undefined): string => `words='${Array.isArray(offer) ? offer.join(' ') : ''}'`;
  const cases = commands.map((command) => {
    const valued = optionsOf(command).filter(([, { value }]) => value !== undefined);
    const values = valued.map(([name, { offer }]) => `        --${name}) ${words(offer)} ;;`);
    const all = optionsOf(command).map(([name]) => `--${name}`).join(' ');
    return `    '${command.name} '*)
      case $before in
${[...values, `        *) case $word in -*) words='${all}' ;; *) ${words(command.offer)} ;; esac ;;`].join('\n')}
      esac ;;`;
  });
  const next = [...nextWords(commands)].map(([before, choices]) => `    '${before} ') words='${choices.join(' ')}${before === '' ? Object.keys(GLOBAL_OPTIONS).map((name) => ` --${name}`).join('') : ''}' ;;`);
  return `# bash completion of glance: source <(glance completions bash)
_glance() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=''
  case "\${COMP_WORDS[*]:1:COMP_CWORD-1} " in
${[...cases, ...next].join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _glance glance
`;
}

function zsh(commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replace(/'/gu, `'\\''`)}'`;
  const plain = (text: string): string => text.replace(/[[\]:\\]/gu, String.raw`\$&`);
  const action = (offer: Offer | undefined): string => (offer === undefined ? ' ' : offer === 'files' ? '_files' : offer === 'folders' ? '_files -/' : `(${offer.join(' ')})`);
  const specification = ([name, { value, offer, help }]: readonly [string, Option]): string => quoted(`--${name}[${plain(help)}]${value === undefined ? '' : `:${value}:${action(offer)}`}`);
  const cases = commands.map((command) => {
    const skipped = command.name.split(' ').length;
    return `    ${quoted(`${command.name} `)}*)
      shift ${skipped} words; (( CURRENT -= ${skipped} ))
      _arguments -S ${[...optionsOf(command).map(specification), quoted(`*: :${action(command.offer)}`)].join(' \\\n        ')} ;;`;
  });
  const next = [...nextWords(commands)].map(([before, choices]) => {
    const described = choices.map((choice) => quoted(`${choice}:${plain(commands.find(({ name }) => name === [before, choice].join(' ').trim())?.summary ?? 'of model packages')}`));
    return `    ${quoted(`${before} `)}) local -a choices=(${described.join(' ')}); _describe command choices ;;`;
  });
  return `#compdef glance
# zsh completion of glance: source <(glance completions zsh)
_glance() {
  case "\${words[2,CURRENT-1]} " in
${[...cases, ...next].join('\n')}
  esac
}
if [[ $funcstack[1] == _glance ]]; then _glance "$@"; else compdef _glance glance; fi
`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replace(/[\\']/gu, String.raw`\$&`)}'`;
  const offered = (offer: Offer): string => (offer === 'files' ? '-F' : `-a ${quoted(offer === 'folders' ? '(__fish_complete_directories)' : offer.join(' '))}`);
  const lines = commands.flatMap((command) => {
    const [first = '', second] = command.name.split(' ');
    const seen = `-n '__fish_seen_subcommand_from ${second ?? first}'`;
    return [
      second === undefined ? `-n __fish_use_subcommand -a ${first} -d ${quoted(command.summary)}` : `-n __fish_use_subcommand -a ${first}`,
      ...(second === undefined ? [] : [`-n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${second}' -a ${second} -d ${quoted(command.summary)}`]),
      `${seen} ${offered(command.offer)}`,
      ...optionsOf(command).map(([name, { value, offer, help }]) => `${seen} -l ${name} ${value === undefined ? '' : offer === undefined ? '-x ' : `${offer === 'files' ? '-r' : '-x'} ${offered(offer)} `}-d ${quoted(brief(help))}`),
    ];
  });
  const global = Object.entries(GLOBAL_OPTIONS).map(([name, { help }]) => `-n __fish_use_subcommand -l ${name} -d ${quoted(help)}`);
  return `# fish completion of glance: glance completions fish > ~/.config/fish/completions/glance.fish
complete -c glance -f
${[...global, ...lines].map((line) => `complete -c glance ${line}`).join('\n')}
`;
}
