#!/usr/bin/env node
import { fstatSync } from 'node:fs';
import path from 'node:path';
import { ModelPackageError } from '../core/model/error';
import { ChildEngine } from '../engine/child-engine';
import { EnginePool } from '../engine/engine-pool';
import { engineFiles } from '../engine/files';
import { LocalEngine } from '../engine/local-engine';
import { SupervisedEngine } from '../engine/supervised-engine';
import { version } from '../../package.json';
import { classifyFiles } from './classify-files';
import { classifyRows } from './classify-rows';
import { inOrderFor } from './in-order';
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
      const files = engineFiles(path.resolve(__dirname, '..'), options.model && path.resolve(options.model));
      const { executionProvider, processes } = options;
      const engineOptions = { executionProvider, cache: options.cache && path.resolve(options.cache) };
      const startChild = (withoutNative?: string): ChildEngine => new ChildEngine(path.join(__dirname, 'engine.js'), files, { ...engineOptions, withoutNative });
      // The first works in this process: most jobs are small, and another process takes time to start.
      const engine = new EnginePool(processes, (number) => (number === 0 ? new LocalEngine(files, engineOptions) : new SupervisedEngine(startChild)));
      const inOrder = inOrderFor(processes);
      try {
        const { findings, faults } =
          command.kind === 'classify-files'
            ? await classifyFiles(options, command.paths, command.output, engine, inOrder)
            : { findings: await classifyRows(options, engine, inOrder, standardInput()), faults: false };
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
