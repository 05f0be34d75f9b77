import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProbeResult } from './execution-provider';
import * as z from '../core/schema';

const resultSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ran'), milliseconds: z.number(), processorMilliseconds: z.number(), difference: z.number() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
const fileSchema = z.record(z.string(), resultSchema);

/**
 * The remembered result of a probe, or that of a probe made now.
 * @param folder where results are remembered; without one, none are.
 * @param key what the result depends on.
 */
export async function recallProbe(folder: string | undefined, key: string, probe: () => Promise<ProbeResult>): Promise<ProbeResult> {
  if (folder === undefined) {
    return probe();
  }
  const file = path.join(folder, 'execution-providers.json');
  const known = await read(file);
  const remembered = known[key];
  if (remembered) {
    return remembered.kind === 'ran' ? remembered : { kind: 'failed', reason: `${remembered.reason} (when it was last tried; delete ${file} to try again)` };
  }
  const result = await probe();
  await write(file, { ...known, [key]: result });
  return result;
}

async function read(file: string): Promise<z.infer<typeof fileSchema>> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Not there yet, or damaged: probing anew mends it.
    return {};
  }
}

async function write(file: string, results: z.infer<typeof fileSchema>): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(partial, JSON.stringify(results, undefined, 2));
    await rename(partial, file);
  } catch {
    // A disk that cannot be written costs a probe at each start, and nothing else.
    await rm(partial, { force: true }).catch(() => undefined);
  }
}
