import * as l10n from '@vscode/l10n';
import { fileKinds } from './file-kinds';
import { firstCharacters, joinParts, type Task, type TaskInput } from './task';

/** How authors spell the types, by label; the label itself first. Training takes them for the same, too. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  feat: ['feat', 'feature'],
  fix: ['fix', 'bugfix', 'hotfix'],
  docs: ['docs', 'doc'],
  style: ['style', 'styles'],
  refactor: ['refactor', 'refac'],
  perf: ['perf', 'performance'],
  test: ['test', 'tests'],
  build: ['build'],
  ci: ['ci'],
  chore: ['chore'],
  revert: ['revert'],
};

/** A type that a message begins with, as Conventional Commits has it: it would give the answer away. */
const PREFIX = new RegExp(`^(?:${Object.values(SPELLINGS).flat().join('|')})(?:\\([^)]*\\))?!?:\\s*`, 'iu');

/** The number that a forge puts behind a subject: the model never learnt from one. */
const FORGE_NUMBER = /(?<!\s)\s*\(#\d+\)$/u;

/** What says nothing of the type, and takes many tokens to say it: the targets of Markdown links, addresses, and hashes of commits. A hash has a letter and a digit, so that neither a word nor a number is taken for one. */
const LINK = /\[([^\]\n]{0,200})\]\([^)\s]{1,400}\)/gu;
const ADDRESS = /https?:\/\/[^\s<>)\]]+/gu;
const HASH = /\b(?=[a-f]{0,63}[0-9])(?=[0-9]{0,63}[a-f])[0-9a-f]{7,64}\b/gu;

/** Characters of the subject and of the body: many more than the model reads. */
const LONGEST_PART = 10_000;

/** Changed files whose kinds the model reads: the first ones. */
export const MAXIMUM_PATHS = 6;

/** Characters of a path that are looked at, from its end: there stands what kind of file it is. */
const MAXIMUM_PATH_CHARACTERS = 1000;

/** The type of a commit (https://www.conventionalcommits.org, with the types of commitlint's convention), from its message and the paths that it changes. */
export const COMMIT_TYPE: Task = {
  id: 'commit-type',
  texts: 'commit messages',
  example: { text: 'mend the login', paths: ['src/login.ts'] },
  prepare: composeCommit,
  labels: {
    get feat() {
      return { title: l10n.t('Feature'), description: l10n.t('The commit adds or extends something that users can do.') };
    },
    get fix() {
      return { title: l10n.t('Fix'), description: l10n.t('The commit mends a bug.') };
    },
    get docs() {
      return { title: l10n.t('Documentation'), description: l10n.t('The commit changes documentation only.') };
    },
    get style() {
      return { title: l10n.t('Style'), description: l10n.t('The commit changes the layout of code, not what it does.') };
    },
    get refactor() {
      return { title: l10n.t('Refactoring'), description: l10n.t('The commit rebuilds code without mending or adding anything.') };
    },
    get perf() {
      return { title: l10n.t('Performance'), description: l10n.t('The commit makes something faster or smaller.') };
    },
    get test() {
      return { title: l10n.t('Tests'), description: l10n.t('The commit adds or mends tests.') };
    },
    get build() {
      return { title: l10n.t('Build'), description: l10n.t('The commit changes how the project is built, or what it depends on.') };
    },
    get ci() {
      return { title: l10n.t('Continuous integration'), description: l10n.t('The commit changes what runs on the integration server.') };
    },
    get chore() {
      return { title: l10n.t('Chore'), description: l10n.t('The commit does upkeep that touches neither the code nor its tests.') };
    },
    get revert() {
      return { title: l10n.t('Revert'), description: l10n.t('The commit takes an earlier one back.') };
    },
  },
};

/** The label of a type as an author has spelled it; nothing for a type that only some projects have, such as `deps`. */
export function labelOfType(type: string): string | undefined {
  const spelling = type.toLowerCase();
  return Object.keys(SPELLINGS).find((label) => SPELLINGS[label]?.includes(spelling));
}

/**
 * Subject, kinds of the first changed files, and body: always all three parts. The paths themselves are not read: a repository's names for its folders
 * say what its own commits are called, and mislead about the next repository's.
 */
function composeCommit({ text, paths = [] }: TaskInput): string {
  // A text of many megabytes is not to be taken apart into its lines, nor a path into its characters, each of which takes two UTF-16 code units at most.
  const end = text.indexOf('\n');
  const [subject, body] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
  const shown = paths.slice(0, MAXIMUM_PATHS).map((path) => [...path.slice(-2 * MAXIMUM_PATH_CHARACTERS)].slice(-MAXIMUM_PATH_CHARACTERS).join('').replaceAll('\\', '/'));
  return joinParts(withoutReferences(subject.trim().replace(PREFIX, '').replace(FORGE_NUMBER, '')), fileKinds(shown), withoutReferences(body.trim()));
}

/** The text of its links, and neither addresses nor hashes; of a very long one the beginning. */
function withoutReferences(text: string): string {
  return firstCharacters(text, LONGEST_PART).replace(LINK, '$1').replace(ADDRESS, '').replace(HASH, '');
}
