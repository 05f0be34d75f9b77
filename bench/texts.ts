import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { CommentSource } from '../src/core/sources/comments/comments';
import { languageOfFile } from '../src/core/sources/comments/languages';
import { COMMENT_DEBT } from '../src/core/tasks/comment-debt';
import { COMMIT_TYPE } from '../src/core/tasks/commit-type';
import { DOC_SECTION } from '../src/core/tasks/doc-section';
import { readSource } from '../src/cli/classify/read-source';
import { GRAMMARS, ROOT } from './paths';
import { shuffled } from './statistics';

/** Seed of every choice of texts. */
export const SEED = 20_000;

/** Longest source file that is taken: bundles of whole programs are not what people write. */
const LONGEST_FILE = 400_000;

/** Mean length of a line from which a file is taken for generated or minified. */
const LONG_LINES = 120;

/** Comments of one package at most, so that a few large packages do not make up all of the texts. */
const COMMENTS_OF_A_PACKAGE = 3000;

/** A source file of an installed package. */
export interface SourceFile {
  readonly package: string;
  readonly path: string;
}

/** Files of the packages of the root's node_modules, in an order that depends on the seed alone. Packages for one platform are left out: they differ from machine to machine. */
function filesOfPackages(wanted: (name: string) => boolean): SourceFile[] {
  const modules = path.join(ROOT, 'node_modules');
  const folders = readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => (name.startsWith('@') ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`) : [name]))
    .filter((name) => !/(?:linux|darwin|win32|android|freebsd|openharmony)-/u.test(name))
    .sort();
  const files = folders.flatMap((name) =>
    readdirSync(path.join(modules, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && wanted(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => !path.relative(path.join(modules, name), file).split(path.sep).includes('node_modules'))
      .sort()
      .map((file) => ({ package: name, path: file })),
  );
  return shuffled(files, SEED);
}

/** Source code as people write it: in a known language, and not too long. */
export function* sourceFiles(): Generator<SourceFile & { readonly language: string; readonly bytes: number }> {
  for (const file of filesOfPackages(isSourceFile)) {
    const language = languageOfFile(file.path);
    // Markup and settings hold few comments, and their languages have no grammar.
    if (language?.grammar && isHandWritten(file.path)) {
      yield { ...file, language: language.id, bytes: statSync(file.path).size };
    }
  }
}

/** Whether a file is source code, by its name. */
export function isSourceFile(name: string): boolean {
  return languageOfFile(name) !== undefined && !/\.min\./u.test(name);
}

/** Whether a file looks as if people wrote it: it is not too long, and nor are its lines. */
export function isHandWritten(file: string): boolean {
  return statSync(file).size <= LONGEST_FILE && !hasLongLines(file);
}

function hasLongLines(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  return text.length / text.split('\n').length > LONG_LINES;
}

/**
 * Distinct comments of source files of packages, cut as the product cuts them, in the order of their files.
 * @param count how many at most.
 */
export async function comments(count: number): Promise<string[]> {
  const found = new Set<string>();
  const ofPackage = new Map<string, number>();
  const cutter = new CommentSource((file) => Promise.resolve(readFileSync(path.join(GRAMMARS, file))));
  for (const file of sourceFiles()) {
    const language = languageOfFile(file.path);
    const source = readSource(file.path);
    if (!language || 'fault' in source || (ofPackage.get(file.package) ?? 0) >= COMMENTS_OF_A_PACKAGE) {
      continue;
    }
    const before = found.size;
    for (const { text } of (await cutter.find(source.text, language)).snippets) {
      found.add(text);
    }
    ofPackage.set(file.package, (ofPackage.get(file.package) ?? 0) + found.size - before);
    if (found.size >= count) {
      break;
    }
  }
  return [...found].slice(0, count);
}

/**
 * Commit messages: those of this repository with their paths, then entries of the packages' change logs, which are written
 * like subjects of commits. The second kind has no paths.
 */
export function commits(count: number): string[] {
  const entries = filesOfPackages((name) => /^(?:changelog|changes|history)\.md$/iu.test(name)).flatMap(({ path: file }) =>
    [...readFileSync(file, 'utf8').matchAll(/^[ \t]*[-*][ \t]+(\S.{15,300})$/gmu)].map(([, entry = '']) => entry),
  );
  return distinct([...ownCommits(), ...entries.map((text) => COMMIT_TYPE.prepare({ text }))], count);
}

function ownCommits(): string[] {
  let log: string;
  try {
    log = execFileSync('git', ['log', '--no-merges', '--name-only', '--format=%x00%B%x01'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    // An archive of the sources has no history.
    return [];
  }
  return log.split('\0').slice(1).map((commit) => {
    const [text = '', paths = ''] = commit.split('\x01');
    return COMMIT_TYPE.prepare({ text, paths: paths.trim().split('\n') });
  });
}

/** Sections of the packages' READMEs. */
export function sections(count: number): string[] {
  const found = filesOfPackages((name) => /^readme\.md$/iu.test(name)).flatMap(({ path: file }) =>
    readFileSync(file, 'utf8')
      .split(/^(?=#{1,6}[ \t])/mu)
      .filter((section) => section.trim() !== '')
      .map((text) => DOC_SECTION.prepare({ text })),
  );
  return distinct(found, count);
}

function distinct(texts: readonly string[], count: number): string[] {
  return [...new Set(texts)].slice(0, count);
}

/** Where the texts of each task come from. */
export const TEXT_SOURCES: readonly { readonly task: string; readonly of: string; readonly read: (count: number) => Promise<string[]> }[] = [
  { task: COMMENT_DEBT.id, of: 'comments of the source files of installed packages', read: comments },
  { task: COMMIT_TYPE.id, of: "this repository's commits, and entries of the change logs of installed packages", read: (count) => Promise.resolve(commits(count)) },
  { task: DOC_SECTION.id, of: 'sections of the READMEs of installed packages', read: (count) => Promise.resolve(sections(count)) },
];
