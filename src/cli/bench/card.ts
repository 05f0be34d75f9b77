import os from 'node:os';
import { describePromise } from '../../core/exits/promise';
import { describeDegradation } from '../../engine/engine';
import { version } from '../../../package.json';
import type { Measurement } from './measure';

/** The machine that something was measured on. */
function machine(): { processors: number; processor: string; platform: string; node: string } {
  const cpus = os.cpus();
  return { processors: cpus.length, processor: cpus[0]?.model.trim() ?? 'unknown', platform: `${process.platform}-${process.arch}`, node: process.versions.node };
}

/** A measurement as one JSON object: times in milliseconds, memory in bytes. */
export function jsonCard({ model: { name, version: modelVersion, backend, notTaken }, firstAnswer, tasks, memory }: Measurement): string {
  return `${JSON.stringify({ glance: version, machine: machine(), model: { name, version: modelVersion }, engine: { backend, notTaken }, firstAnswer, memory, tasks }, undefined, 2)}\n`;
}

/** A measurement for people. */
export function textCard({ model, firstAnswer, tasks, memory }: Measurement): string {
  const { processors, processor, platform, node } = machine();
  return [
    `Glance ${version}, ${model.name} ${model.version}, engine: ${model.backend}, one thread`,
    `${processors} x ${processor}, ${platform}, Node.js ${node}`,
    ...(model.degraded ? [describeDegradation(model)] : []),
    `First answer after ${firstAnswer.toFixed(0)} ms; memory after all ${(memory / 1e6).toFixed(0)} MB`,
    ...tasks.flatMap(({ task, texts, exits, promise, textsPerSecond, meanExit, agreeing }) => [
      '',
      `${task}, ${texts} texts`,
      '  a text that leaves at    p50, ms   p95, ms',
      ...exits.map(({ exit, p50, p95 }) => `  exit ${exit}${' '.repeat(17)}${milliseconds(p50)}${milliseconds(p95)}`),
      `  ${describePromise(promise)}`,
      `  So kept: ${textsPerSecond.promise.toFixed(0)} texts/s (full depth: ${textsPerSecond.full.toFixed(0)}), mean exit ${meanExit.toFixed(2)}; ${agreeing} of ${texts} answers are those of full depth`,
    ]),
    '',
  ].join('\n');
}

function milliseconds(value: number): string {
  return value.toFixed(2).padStart(10);
}
