import { joinParts, type Task, type TaskInput } from './task';

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

/** Changed paths that the model reads, and characters of each; the end of a path says most. */
const MAXIMUM_PATHS = 6;
const MAXIMUM_PATH_CHARACTERS = 90;

/** The type of a commit (https://www.conventionalcommits.org, with the types of commitlint's convention), from its message and the paths that it changes. */
export const COMMIT_TYPE: Task = {
  id: 'commit-type',
  texts: 'commit messages',
  example: { text: 'mend the login', paths: ['src/login.ts'] },
  prepare: composeCommit,
  labels: {
    feat: { title: 'Feature', description: 'The commit adds or extends something that users can do.' },
    fix: { title: 'Fix', description: 'The commit mends a bug.' },
    docs: { title: 'Documentation', description: 'The commit changes documentation only.' },
    style: { title: 'Style', description: 'The commit changes the layout of code, not what it does.' },
    refactor: { title: 'Refactoring', description: 'The commit rebuilds code without mending or adding anything.' },
    perf: { title: 'Performance', description: 'The commit makes something faster or smaller.' },
    test: { title: 'Tests', description: 'The commit adds or mends tests.' },
    build: { title: 'Build', description: 'The commit changes how the project is built, or what it depends on.' },
    ci: { title: 'Continuous integration', description: 'The commit changes what runs on the integration server.' },
    chore: { title: 'Chore', description: 'The commit does upkeep that touches neither the code nor its tests.' },
    revert: { title: 'Revert', description: 'The commit takes an earlier one back.' },
  },
};

/** The label of a type as an author has spelled it; nothing for a type that only some projects have, such as `deps`. */
export function labelOfType(type: string): string | undefined {
  const spelling = type.toLowerCase();
  return Object.keys(SPELLINGS).find((label) => SPELLINGS[label]?.includes(spelling));
}

/** Subject, paths and body: always all three parts. */
function composeCommit({ text, paths = [] }: TaskInput): string {
  // A text of many megabytes is not to be taken apart into its lines, nor a path into its characters, each of which takes two UTF-16 code units at most.
  const end = text.indexOf('\n');
  const [subject, body] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
  const shown = paths.slice(0, MAXIMUM_PATHS).map((path) => [...path.slice(-2 * MAXIMUM_PATH_CHARACTERS)].slice(-MAXIMUM_PATH_CHARACTERS).join(''));
  return joinParts(subject.trim().replace(PREFIX, ''), shown.join(' '), body.trim());
}
