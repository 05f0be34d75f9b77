import { parseCommitMessage } from '../sources/commits/commit-message';
import { labelOfType } from '../tasks/commit-type';

/** Share of a project's messages that must begin with a type for it to be the project's way. */
const USUAL_SHARE = 0.5;

/** What a project's history says of how it writes its messages. */
export interface Conventions {
  /** Whether it follows Conventional Commits, more often than not. */
  readonly conventional: boolean;
  /** Types that its messages begin with, as they are spelled there, the most frequent first. */
  readonly types: readonly string[];
}

/**
 * Reads a project's conventions off its last messages, those that git wrote left aside.
 * @returns nothing where there is no message to tell from.
 */
export function conventionsOf(messages: readonly string[]): Conventions | undefined {
  const written = messages.map((message) => parseCommitMessage(message)).filter(({ madeByGit }) => !madeByGit);
  if (written.length === 0) {
    return undefined;
  }
  const counts = new Map<string, number>();
  for (const { header } of written) {
    if (header) {
      counts.set(header.type, (counts.get(header.type) ?? 0) + 1);
    }
  }
  // Other conventions put a package or a part of the system in front of the colon: types that anybody would know tell.
  const typed = written.filter(({ header }) => header && labelOfType(header.type) !== undefined).length;
  const types = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  return { conventional: typed >= USUAL_SHARE * written.length, types };
}

/** How a project spells a type: `feature` where it has that rather than `feat`. */
export function spellingOf(label: string, conventions: Conventions | undefined): string {
  return conventions?.types.find((type) => labelOfType(type) === label) ?? label;
}
