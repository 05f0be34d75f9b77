import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as vscode from 'vscode';

const KEY = 'glance.notDebt';

/** Bytes of a hash that are kept. */
const BYTES = 16;

/**
 * The comments of which the user has said that they are no debt, for as long as the workspace is kept. Only hashes of their texts are stored; a
 * comment stays no debt wherever it is moved, until its text changes.
 */
export class NotDebt implements vscode.Disposable {
  private hashes: ReadonlySet<string>;
  private readonly changed = new vscode.EventEmitter<void>();

  readonly onDidChange = this.changed.event;

  /** @param memory of the workspace. */
  constructor(private readonly memory: vscode.Memento) {
    this.hashes = new Set(memory.get<readonly string[]>(KEY, []));
  }

  /** @param text as the model reads it. */
  has(text: string): boolean {
    return this.hashes.size > 0 && this.hashes.has(hashOf(text));
  }

  /** @param text as the model reads it. */
  async add(text: string): Promise<void> {
    await this.store([...this.hashes, hashOf(text)]);
  }

  /** Forgets every decision. @returns what was forgotten, for {@link restore}. */
  async forget(): Promise<readonly string[]> {
    const forgotten = [...this.hashes];
    await this.store([]);
    return forgotten;
  }

  /** Takes {@link forget} back. */
  async restore(forgotten: readonly string[]): Promise<void> {
    await this.store([...this.hashes, ...forgotten]);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async store(hashes: readonly string[]): Promise<void> {
    this.hashes = new Set(hashes);
    this.changed.fire();
    await this.memory.update(KEY, [...this.hashes]);
  }
}

function hashOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, BYTES));
}
