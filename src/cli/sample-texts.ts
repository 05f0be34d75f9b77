import type { TaskInput } from '../core/tasks/task';
import { TASKS } from '../core/tasks/tasks';

/** Comments, short and long, some of which admit something. Written for Glance. */
const COMMENTS = `Returns the name of the account.
@param limit the most rows to read
eslint-disable-next-line
Copyright the authors. All rights reserved.
Opens the socket and waits for the first byte.
TODO
TODO: take this out once the old clients are gone
FIXME this leaks a handle whenever the server closes first
HACK: the vendor's parser trips over empty lists, so we hand it a space
XXX
The caller holds the lock.
We should not have to convert this twice, but the two layers disagree about time zones.
Not implemented yet.
Only the first page is read; paging is still missing.
Crashes when the list is empty, nobody knows why.
No test covers the branch below.
Temporarily disabled, it fails on slow machines.
The documentation of this method is out of date.
Sorted by date, the newest first.
Guard against division by zero.
Sum of all prices, in cents.
This is ugly. It works because the queue is never longer than eight entries.
Quick and dirty: copied from the billing module until there is a common place for it.
Step 2: write the header.
Use a map here, since lookups by name are frequent.
Keep in step with the constants in the header file.
Deprecated: call open() instead.
The number of milliseconds to wait between two attempts.
Windows wants backslashes.
For some reason the second call is needed; without it the window stays blank.
Does not handle surrogate pairs.
What happens if the user is logged out in between?
Private constructor: use the factory.
Creates a client. The client keeps one connection open and sends a sign of life every thirty seconds, so that proxies do not close it.
Should be a parameter instead of a global, which makes the tests depend on each other.
Ignore errors, the file may be gone already.
The algorithm follows the textbook: sort, then sweep from left to right, keeping the best end so far.
Remove when the minimum version is raised.
Whether the row has been written to disk.
Works around a bug in the driver that returns stale rows after a rollback.
Generated, do not edit.
Fall through.
Half of the cases below cannot happen any more; clean up after the release.
Rounds half to even, as the ledger does.
Reads the configuration, applies the environment on top of it and returns the result.
This wastes memory, yet it is good enough for a few thousand entries.
The unit is bytes, not characters.
Add validation here.`.split('\n');

/** Messages of commits, each with what it changes. Written for Glance. */
const COMMITS: readonly (readonly [text: string, ...paths: string[]])[] = [
  ['add a dark theme', 'src/theme.ts', 'src/settings.ts'],
  ['let users export their invoices as PDF', 'src/invoices/export.ts'],
  ['do not crash on an empty basket', 'src/basket.ts', 'test/basket.test.ts'],
  ['handle names with accents in the search', 'lib/search.py'],
  ['correct a typo in the installation guide', 'docs/install.md'],
  ['explain how to run the tests', 'README.md', 'CONTRIBUTING.md'],
  ['reformat with the new line length', 'src/a.ts', 'src/b.ts', 'src/c.ts'],
  ['move the parser into its own module', 'src/parser.ts', 'src/main.ts'],
  ['rename Manager to Registry', 'core/registry.go', 'core/registry_test.go'],
  ['read the index once instead of for every row', 'src/index.rs'],
  ['cache compiled expressions', 'src/regex.c'],
  ['cover the retry logic', 'test/retry.test.ts'],
  ['make the flaky upload test wait for the server', 'tests/test_upload.py'],
  ['raise the compiler to version 5', 'package.json', 'package-lock.json'],
  ['build a static library, too', 'CMakeLists.txt'],
  ['run the checks on Windows', '.github/workflows/test.yml'],
  ['publish from tags only', '.gitlab-ci.yml'],
  ['ignore editor files', '.gitignore'],
  ['release 2.4.0', 'CHANGELOG.md', 'package.json'],
  ['take back the new cache, which breaks sorting', 'src/cache.ts'],
];

/** Sections of documentation. Written for Glance. */
const SECTIONS: readonly (readonly [heading: string, text: string])[] = [
  ['Lantern', 'Lantern is a small web server for static pages. It starts in milliseconds and needs no configuration.'],
  ['Why another server?', 'The others are good at everything. We wanted one that is good at one thing and fits into a container of two megabytes.'],
  ['Installation', 'Download the archive for your platform, unpack it and put the program on your path:\n\n```sh\ntar xf lantern.tar.gz\n```'],
  ['Usage', 'Run `lantern ./public` and open the address that it prints. `--port` chooses another port.'],
  ['Configuration', 'Settings are read from `lantern.toml`. Every setting has a default:\n\n- `port`: 8080\n- `index`: index.html'],
  ['Status', 'Version 2 is stable. Version 3 is expected in spring; see the list of open questions.'],
  ['Authors', 'Written by the Lantern team, with the help of many others.'],
  ['License', 'MIT'],
  ['Contributing', 'Patches are welcome. Open an issue first, run `make check`, and keep commits small.'],
  ['See also', 'The manual, the wiki and the mailing list have more to say about deployment.'],
];

const BY_TASK: ReadonlyMap<string, readonly TaskInput[]> = new Map([
  ['comment-debt', COMMENTS.map((text) => ({ text }))],
  ['comment-kind', COMMENTS.map((text) => ({ text }))],
  ['commit-type', COMMITS.map(([text, ...paths]) => ({ text, paths }))],
  ['doc-section', SECTIONS.map(([heading, text]) => ({ heading, text }))],
]);

/** A few texts to try a task with, as it reads them: too few to measure how good a model is. None for a task that Glance does not know. */
export function sampleTexts(id: string): string[] {
  const task = TASKS.find((known) => known.id === id);
  return task ? (BY_TASK.get(id) ?? []).map((input) => task.prepare(input)) : [];
}
