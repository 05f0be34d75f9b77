import type { Command } from './command-line/command';
import { BENCH } from './commands/bench';
import { CLASSIFY } from './commands/classify';
import { COMMIT_MSG } from './commands/commit-msg';
import { completions } from './commands/completions';
import { MODEL_CHECK } from './commands/model-check';
import { TEACH } from './commands/teach';

/** What `glance` can do: the parser, the help and the completions are made from this. */
export const COMMANDS: readonly Command[] = [CLASSIFY, COMMIT_MSG, TEACH, BENCH, MODEL_CHECK, completions(() => COMMANDS)];
