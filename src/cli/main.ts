#!/usr/bin/env node
import { ModelPackageError } from '../core/model/error';
import { version } from '../../package.json';
import { helpOf, helpOfAll } from './command-line/help';
import { parseCommandLine } from './command-line/parse';
import { COMMANDS } from './commands';
import { endWithOutput, note, print } from './output';
import { UsageError } from './usage-error';

/** Runs a command line. @returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const request = parseCommandLine(args, COMMANDS);
  switch (request.kind) {
    case 'help':
      await print(request.command ? helpOf(request.command) : helpOfAll(COMMANDS));
      return 0;
    case 'version':
      await print(`${version}\n`);
      return 0;
    case 'run':
      return request.command.run(request.values, request.operands);
  }
}

endWithOutput();
main(process.argv.slice(2)).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    const expected = error instanceof UsageError || error instanceof ModelPackageError || error instanceof RangeError;
    note(expected ? `glance: ${error.message}` : `glance: something went wrong: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exitCode = 2;
  },
);
