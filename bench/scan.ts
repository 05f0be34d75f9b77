import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { languageOfFile } from '../src/core/sources/comments/languages';
import type { PolicyChoice } from '../src/core/exits/policy-choice';
import { LocalEngine } from '../src/engine/local-engine';
import { readSource } from '../src/cli/classify/read-source';
import { FILES, WORK } from './paths';
import { sourceFiles } from './texts';
import { TARGET_PROMISE } from './ways';

/** A folder of real source files. */
export interface ScanFolder {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** What the parts of a scan take, in milliseconds, in a fresh process. */
export interface ScanParts {
  readonly load: number;
  readonly read: number;
  readonly cut: number;
  readonly classify: number;
  readonly comments: number;
}

/** Copies source files of packages into one folder. */
export function makeScanFolder(bytes: number): ScanFolder {
  const folder = path.join(WORK, 'scan');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let [files, copied] = [0, 0];
  for (const source of sourceFiles()) {
    copyFileSync(source.path, path.join(folder, `${String(files).padStart(5, '0')}-${path.basename(source.path)}`));
    files += 1;
    copied += source.bytes;
    if (copied >= bytes) {
      break;
    }
  }
  return { path: folder, files, bytes: copied };
}

/** Scans a folder part by part: reads all files, cuts them, classifies all comments as the command line does. */
export async function measureScan(folder: string): Promise<ScanParts> {
  const engine = new LocalEngine(FILES);
  const policy: PolicyChoice = { kind: 'promise', maxDisagreement: TARGET_PROMISE };
  let mark = performance.now();
  const lap = (): number => {
    const before = mark;
    mark = performance.now();
    return mark - before;
  };

  await engine.describe();
  const load = lap();
  const sources: { readonly source: string; readonly language: string }[] = [];
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const [read, language] = [readSource(file), languageOfFile(file)];
    if ('text' in read && language) {
      sources.push({ source: read.text, language: language.id });
    }
  }
  const read = lap();
  const texts: string[] = [];
  for (const request of sources) {
    texts.push(...(await engine.findComments(request)).snippets.map(({ text }) => text));
  }
  const cut = lap();
  for (let start = 0; start < texts.length; start += 512) {
    await engine.classify({ task: 'comment-debt', texts: texts.slice(start, start + 512), policy });
  }
  const classify = lap();
  await engine.dispose();
  return { load, read, cut, classify, comments: texts.length };
}
