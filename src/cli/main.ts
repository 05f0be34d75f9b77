#!/usr/bin/env node
import { fstatSync } from 'node:fs';
import path from 'node:path';
import { ModelPackageError } from '../core/model/error';
import { ChildEngine } from '../engine/child-engine';
import type { Engine } from '../engine/engine';
import { EnginePool } from '../engine/engine-pool';
import { engineFiles } from '../engine/files';
import { LocalEngine } from '../engine/local-engine';
import { SupervisedEngine } from '../engine/supervised-engine';
import { version } from '../../package.json';
import { classifyFiles } from './classify-files';
import { classifyRows } from './classify-rows';
import { inOrderFor } from './in-order';
import { endWithOutput, note, print } from './output';
import { teach } from './teach';
import { HELP, parseCommand, type EngineChoice } from './usage';
import { UsageError } from './usage-error';

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
      const engine = openEngine(options);
      const inOrder = inOrderFor(options.processes);
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
    case 'teach': {
      const engine = openEngine(command.options);
      try {
        await teach(command.taught, engine);
        return 0;
      } finally {
        await engine.dispose();
      }
    }
  }
}

function openEngine({ model, executionProvider, processes, cache }: EngineChoice): Engine {
  const files = engineFiles(path.resolve(__dirname, '..'), model && path.resolve(model));
  const options = { executionProvider, cache: cache && path.resolve(cache) };
  const startChild = (withoutNative?: string): ChildEngine => new ChildEngine(path.join(__dirname, 'engine.js'), files, { ...options, withoutNative });
  // The first works in this process: most jobs are small, and another process takes time to start.
  return new EnginePool(processes, (number) => (number === 0 ? new LocalEngine(files, options) : new SupervisedEngine(startChild)));
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
