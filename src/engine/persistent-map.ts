import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Entries that a map may hold; the oldest half goes when it is full. */
const MAXIMUM_ENTRIES = 200_000;

/** Characters of new entries that are kept back, to be written together. */
const WRITTEN_TOGETHER = 64 * 1024;

/** How long an entry is kept back at most, in milliseconds. */
const WRITTEN_AFTER = 2000;

/** Letters of an entry's check: enough to tell a line that two processes or a crash have mixed up. */
const CHECK_LETTERS = 6;

/**
 * A map of strings that outlives its process, for what can be reckoned again: it may lose entries, and never gives a wrong one.
 *
 * A file of lines, `key value check`, that any number of processes append to; each reads it once, when it first needs it, and so
 * sees what the others have written before. A line that is not whole, of a crash or of two writers at once, is passed over. A file
 * that cannot be read or written makes the map forget, and nothing fail.
 */
export class PersistentMap {
  private entries: Map<string, string> | undefined;
  private unwritten = '';
  private timer: NodeJS.Timeout | undefined;
  private broken = false;

  /** @param file to keep it in; its folder is made when there is something to write. */
  constructor(private readonly file: string) {}

  get(key: string): string | undefined {
    return this.loaded().get(key);
  }

  /** @param value without white space. */
  set(key: string, value: string): void {
    const entries = this.loaded();
    if (entries.get(key) === value) {
      return;
    }
    // The latest of several lines with one key holds.
    entries.delete(key);
    entries.set(key, value);
    this.unwritten += line(key, value);
    if (this.unwritten.length >= WRITTEN_TOGETHER) {
      this.flush();
    } else {
      this.timer ??= setTimeout(() => this.flush(), WRITTEN_AFTER).unref();
    }
    if (entries.size > MAXIMUM_ENTRIES) {
      this.halve(entries);
    }
  }

  /** Writes what has not been written yet. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.unwritten;
    this.unwritten = '';
    if (lines !== '') {
      this.write(() => appendFileSync(this.file, lines));
    }
  }

  private loaded(): Map<string, string> {
    this.entries ??= new Map(readLines(this.file));
    return this.entries;
  }

  /** Forgets the older half, in the file as well: what another process appends meanwhile may be lost. */
  private halve(entries: Map<string, string>): void {
    this.unwritten = '';
    for (const key of [...entries.keys()].slice(0, entries.size / 2)) {
      entries.delete(key);
    }
    const partial = `${this.file}.${process.pid}.partial`;
    this.write(() => {
      try {
        writeFileSync(partial, [...entries].map(([key, value]) => line(key, value)).join(''));
        renameSync(partial, this.file);
      } finally {
        rmSync(partial, { force: true });
      }
    });
  }

  private write(write: () => void): void {
    if (this.broken) {
      return;
    }
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      write();
    } catch {
      // A full or read-only disk: a slower second time is no reason to bother anybody.
      this.broken = true;
    }
  }
}

function line(key: string, value: string): string {
  return `${key} ${value} ${checkOf(key, value)}\n`;
}

function checkOf(key: string, value: string): string {
  return createHash('sha256').update(key).update(' ').update(value).digest('base64url').slice(0, CHECK_LETTERS);
}

function* readLines(file: string): Generator<[key: string, value: string]> {
  let content: string;
  try {
    content = readFileSync(file, 'latin1');
  } catch {
    return;
  }
  for (const text of content.split('\n')) {
    const [key, value, check] = text.split(' ');
    if (key !== undefined && value !== undefined && check === checkOf(key, value)) {
      yield [key, value];
    }
  }
}
