#!/usr/bin/env node
import { fstatSync } from 'node:fs';
import path from 'node:path';
import { ModelPackageError } from '../core/model/error';
import { engineFiles } from '../engine/files';
import { LocalEngine } from '../engine/local-engine';
import { version } from '../../package.json';
import { classifyFiles } from './classify-files';
import { classifyRows } from './classify-rows';
import { endWithOutput, note, print } from './output';
import { HELP, parseCommand, UsageError } from './usage';

/** Runs a command line. @returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  switch (command.kind) {
    case 'help':
      await print(HELP);
      return 0;
    case 'version':
      await print(`${version}\n`);
      return 0;
    case 'classify-files':
    case 'classify-rows': {
      const { options } = command;
      const engine = new LocalEngine(engineFiles(path.resolve(__dirname, '..'), options.model && path.resolve(options.model)), { executionProvider: options.executionProvider });
      try {
        const { findings, faults } =
          command.kind === 'classify-files'
            ? await classifyFiles(options, command.paths, command.format, engine)
            : { findings: await classifyRows(options, engine, standardInput()), faults: false };
        return faults ? 2 : Number(findings && options.failOnFindings);
      } finally {
        await engine.dispose();
      }
    }
  }
}

/** @throws {UsageError} when it is a folder, which Node.js takes for an empty input. */
function standardInput(): NodeJS.ReadableStream {
  if (fstatSync(process.stdin.fd).isDirectory()) {
    throw new UsageError('Standard input is a folder; it must be rows like {"id": "1", "text": "// a comment"}.');
  }
  return process.stdin;
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
