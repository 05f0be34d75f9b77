import { createHash } from 'node:crypto';
import type { CommentsFound } from '../core/sources/comments/comments';
import { stripComment } from '../core/sources/comments/strip';
import type { PersistentMap } from './persistent-map';

/** Where the comments of sources stand, in a persistent map: parsing takes most of the time of a scan whose answers are known. */
export class StoredComments {
  constructor(private readonly map: PersistentMap) {}

  /** The comments of this very source; undefined when they are not known. */
  get(source: string, language: string): CommentsFound | undefined {
    const value = this.map.get(keyOf(source, language));
    if (value === undefined) {
      return undefined;
    }
    const [foundBy, ignored, ...offsets] = value.split(',');
    const snippets = offsets.map((range) => {
      const [start = 0, end = 0] = range.split('-').map(Number);
      return { text: stripComment(source.slice(start, end)), range: { start, end } };
    });
    return { snippets, ignored: Number(ignored), foundBy: foundBy === 'grammar' ? 'grammar' : 'markers' };
  }

  set(source: string, language: string, { snippets, ignored, foundBy }: CommentsFound): void {
    this.map.set(keyOf(source, language), [foundBy, ignored, ...snippets.map(({ range: { start, end } }) => `${start}-${end}`)].join(','));
  }
}

/** Which comments a source has changes with how they are found: raise this when it does. */
const FINDER = '2';

function keyOf(source: string, language: string): string {
  return createHash('sha256').update(FINDER).update(language).update('\n').update(source).digest('base64url').slice(0, 22);
}
