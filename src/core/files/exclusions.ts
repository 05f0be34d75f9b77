import picomatch from 'picomatch';

/** Whether a path, relative to the folder that is walked and with `/`, is excluded. */
export type IsExcluded = (path: string, siblings: ReadonlySet<string>) => boolean;

/** Reads patterns as VS Code's settings `files.exclude` and `search.exclude` have them: on, off, or on where a sibling exists, as in `{ "when": "$(basename).ts" }`. */
export function exclusions(...settings: readonly Readonly<Record<string, unknown>>[]): IsExcluded {
  // As in VS Code, a later setting may switch off what an earlier one names.
  const patterns = Object.entries(Object.assign({}, ...settings) as Record<string, unknown>);
  const always = patterns.flatMap(([pattern, value]) => (value === true ? [matcher(pattern)] : []));
  const conditional = patterns.flatMap(([pattern, value]) => (isConditional(value) ? [{ matches: matcher(pattern), when: value.when }] : []));
  return (path, siblings) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const basename = name.replace(/\.[^.]*$/u, '');
    return always.some((matches) => matches(path)) || conditional.some(({ matches, when }) => matches(path) && siblings.has(when.replace('$(basename)', basename)));
  };
}

function matcher(pattern: string): (path: string) => boolean {
  return picomatch(pattern, { dot: true });
}

function isConditional(value: unknown): value is { readonly when: string } {
  return typeof value === 'object' && value !== null && 'when' in value && typeof value.when === 'string';
}
