import { LocalEngine } from '../../engine/local-engine';
import { jsonCard, textCard } from '../bench/card';
import { measure } from '../bench/measure';
import { command, type Options } from '../command-line/command';
import { MODEL_OPTIONS, modelChoice } from '../engine-options';
import { print } from '../output';
import { UsageError } from '../usage-error';

const FORMATS = { text: textCard, json: jsonCard } as const;
const NAMES = Object.keys(FORMATS) as readonly (keyof typeof FORMATS)[];

const OPTIONS = {
  format: { value: 'FORMAT', offer: NAMES, help: 'how it is told: text (default), or json: times in milliseconds, memory in bytes' },
  ...MODEL_OPTIONS,
} as const satisfies Options;

/** `glance bench`. */
export const BENCH = command({
  name: 'bench',
  summary: 'measures this machine, in less than half a minute',
  usage: ['bench [options]'],
  options: OPTIONS,
  offer: [],
  notes: [
    'Classifies a few texts that Glance brings along: one by one, so that they leave at each of the exits, and all together, in one process. Says how long\n' +
      'an answer takes by the exit that it leaves at, how many texts that is in a second, how much memory it takes, and how many answers are those of full\n' +
      'depth. How good the answers are is another matter: docs/results.md.',
  ],
  examples: [
    ['glance bench', 'a card of this machine'],
    ['glance bench --format json > card.json', 'the same, to compare machines by'],
    ['glance bench --model ./my-package', 'with another model package'],
  ],
  async run({ format: name = 'text', ...values }, operands) {
    const format = NAMES.find((known) => known === name);
    if (format === undefined) {
      throw new UsageError(`There is no format "${name}"; there are ${NAMES.join(', ')}.`);
    }
    if (operands.length > 0) {
      throw new UsageError('glance bench measures with texts of its own: leave out what follows it.');
    }
    const { files, executionProvider } = modelChoice(values);
    const engine = new LocalEngine(files, { executionProvider });
    try {
      await print(FORMATS[format](await measure(engine)));
      return 0;
    } finally {
      await engine.dispose();
    }
  },
});
