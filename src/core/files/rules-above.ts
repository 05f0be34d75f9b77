import { IgnoreRules } from './ignore-rules';

/** How to go up from a folder, wherever folders are. */
export interface Ancestry<Folder> {
  /** The folder that a folder is in; nothing for a root. */
  readonly parent: (folder: Folder) => Folder | undefined;
  readonly name: (folder: Folder) => string;
  /** Whether a folder has an entry of this name. */
  readonly has: (folder: Folder, name: string) => boolean | Promise<boolean>;
  /** A file of a folder; nothing where there is none. */
  readonly read: (folder: Folder, name: string) => Promise<string | undefined>;
}

/**
 * The `.gitignore` files above a folder, up to its repository's root, the outermost first. None outside of a repository: nothing above the folder was meant
 * for it there.
 * @param ignoreCase whether git matches without regard to case, as it does where file systems usually do.
 */
export async function rulesAbove<Folder>(folder: Folder, { parent, name, has, read }: Ancestry<Folder>, ignoreCase: boolean): Promise<IgnoreRules[]> {
  const found: IgnoreRules[] = [];
  for (let at = folder, above = ''; !(await has(at, '.git')); ) {
    const next = parent(at);
    if (next === undefined) {
      return [];
    }
    above = `${name(at)}/${above}`;
    at = next;
    const text = await read(at, '.gitignore');
    found.unshift(...(text === undefined ? [] : [new IgnoreRules(text, ignoreCase, above, '')]));
  }
  return found;
}
