/** Repositories of git for the tests, in temporary folders. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A commit to be made: its message, and the file that it changes. */
export type CommitMade = readonly [message: string, file: string];

/** Why there can be no repository on this machine, if so. */
export function whyNoGit(): string | undefined {
  return spawnSync('git', ['--version']).status === 0 ? undefined : 'git is not on the PATH';
}

/** A repository with a history. The configuration of the machine's user plays no part. */
export class GitRepository {
  private readonly home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'glance-repository-')));
  /** Has a name that people may see: it stands in pictures of the editor. */
  readonly folder = path.join(this.home, 'shop');

  constructor(history: readonly CommitMade[]) {
    mkdirSync(this.folder);
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('config', 'user.name', 'A Tester');
    this.git('config', 'user.email', 'tester@example.com');
    for (const [message, file] of history) {
      this.write(file, message);
      this.git('add', '--all');
      this.git('commit', '--quiet', '--no-gpg-sign', '--message', message);
    }
  }

  /** Writes a file, and the folders that it is in. */
  write(file: string, content: string): void {
    const target = path.join(this.folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  /** Runs git here. @returns what it prints. */
  git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.folder, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: os.devNull, GIT_CONFIG_NOSYSTEM: '1' } });
  }

  remove(): void {
    // git may go on to tidy up behind what it was told to do.
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
