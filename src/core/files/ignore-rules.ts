import ignore, { type Ignore } from 'ignore';

/** The rules of one `.gitignore`. Paths are relative to the folder that is walked, with `/`. */
export class IgnoreRules {
  private readonly rules: Ignore;

  /**
   * @param text of the file.
   * @param ignoreCase whether case does not matter, as Git has it where file systems do not tell it apart.
   * @param above what leads from the file's folder to the folder that is walked, such as `packages/app/`, where the file stands above it.
   * @param below what leads from the folder that is walked to the file's, such as `src/`, where the file stands below it.
   */
  constructor(
    text: string,
    ignoreCase: boolean,
    private readonly above: string,
    private readonly below: string,
  ) {
    this.rules = ignore({ ignorecase: ignoreCase }).add(text);
  }

  /** What this file says of a path: undefined when it has no opinion. */
  verdict(path: string, isFolder: boolean): 'ignored' | 'kept' | undefined {
    const own = (this.above + path.slice(this.below.length)).replace(/\/$/u, '');
    const { ignored, unignored } = this.rules.test(isFolder ? `${own}/` : own);
    return ignored ? 'ignored' : unignored ? 'kept' : undefined;
  }
}

/**
 * Whether a path is ignored: the deepest file with an opinion decides.
 * @param rules those above come before those below.
 */
export function isIgnored(path: string, isFolder: boolean, rules: readonly IgnoreRules[]): boolean {
  for (const file of [...rules].reverse()) {
    const verdict = file.verdict(path, isFolder);
    if (verdict) {
      return verdict === 'ignored';
    }
  }
  return false;
}
