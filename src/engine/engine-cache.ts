import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AnswerCache } from '../core/answer-cache';
import type { ModelPackage } from '../core/model/model-package';
import { version } from '../../package.json';
import { PersistentMap } from './persistent-map';
import { StoredAnswers } from './stored-answers';
import { StoredComments } from './stored-comments';

/** A file of another model or version is dropped when nobody has written to it for so long, in milliseconds: another window may use it. */
const KEPT = 7 * 24 * 60 * 60 * 1000;

/** What an engine keeps in a folder, so that what has not changed costs next to nothing the next time. */
export class EngineCache {
  readonly comments: StoredComments;
  private readonly maps: PersistentMap[] = [];

  /** @param folder absolute path; it is made when there is something to keep. */
  constructor(private readonly folder: string) {
    this.comments = new StoredComments(this.map(`comments-${version}.txt`));
  }

  /** Answers of one model on one backend by one version of Glance on one kind of machine: the logits of another may differ. */
  answers({ manifest: { files, encoder, tasks } }: ModelPackage, backend: string): AnswerCache {
    const model = [files, encoder, tasks.map(({ id, weights }) => [id, weights])];
    const identity = JSON.stringify([version, process.platform, process.arch, model]);
    const file = `answers-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}-${backend}.txt`;
    this.dropOld([file, `comments-${version}.txt`]);
    return new StoredAnswers(this.map(file));
  }

  /** Writes what has not been written yet. */
  flush(): void {
    this.maps.forEach((map) => map.flush());
  }

  private map(file: string): PersistentMap {
    const map = new PersistentMap(path.join(this.folder, file));
    this.maps.push(map);
    return map;
  }

  private dropOld(current: readonly string[]): void {
    try {
      // Also what a process that was ended has left half written.
      const others = readdirSync(this.folder).filter((file) => /^(?:answers|comments)-.*\.txt(?:\.\d+\.partial)?$/u.test(file) && !current.includes(file));
      for (const file of others.map((name) => path.join(this.folder, name))) {
        if (Date.now() - statSync(file).mtimeMs > KEPT) {
          rmSync(file);
        }
      }
    } catch {
      // No folder yet, or another window has dropped it first.
    }
  }
}
