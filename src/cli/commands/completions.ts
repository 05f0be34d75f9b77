import { command, type Command } from '../command-line/command';
import { COMPLETIONS, type Shell } from '../command-line/completions';
import { print } from '../output';
import { UsageError } from '../usage-error';

const SHELLS = Object.keys(COMPLETIONS) as readonly Shell[];

/**
 * `glance completions`.
 * @param commands gives all that there are: this one is among them.
 */
export function completions(commands: () => readonly Command[]): Command {
  return command({
    name: 'completions',
    summary: 'prints a script that completes commands and options in a shell',
    usage: [`completions ${SHELLS.join('|')}`],
    options: {},
    offer: SHELLS,
    examples: [
      ['source <(glance completions bash)', 'in ~/.bashrc'],
      ['source <(glance completions zsh)', 'in ~/.zshrc, after compinit'],
      ['glance completions fish > ~/.config/fish/completions/glance.fish', 'once'],
    ],
    async run(_, [name, ...others]) {
      const shell = SHELLS.find((known) => known === name);
      if (shell === undefined || others.length > 0) {
        throw new UsageError(`Name the shell: one of ${SHELLS.join(', ')}, for example: glance completions bash`);
      }
      await print(COMPLETIONS[shell](commands()));
      return 0;
    },
  });
}
