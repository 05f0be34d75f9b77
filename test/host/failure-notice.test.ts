import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Outcome } from '../../src/editor/answers/document-answers';
import type { Classification } from '../../src/editor/comments/classifications';
import { FailureNotice } from '../../src/editor/comments/failure-notice';
import { open } from './editor';

describe('failure notice', () => {
  it('tells a reason once, and again after a success or when its reader has asked again', async () => {
    const { document } = await open('');
    const changed = new vscode.EventEmitter<vscode.TextDocument>();
    let outcome: Outcome<Classification> | undefined;
    const told: string[] = [];
    const notice = new FailureNotice({ onDidChange: changed.event, of: () => outcome }, (reason) => told.push(reason));
    const happens = (next: Outcome<Classification> | undefined): void => {
      outcome = next;
      changed.fire(document);
    };
    const failed = (reason: string): Outcome<Classification> => ({ kind: 'failed', reason });
    const done: Outcome<Classification> = { kind: 'done', version: 1, answer: { comments: [], findings: [], ignored: 0, classified: 0, foundBy: 'grammar', promise: undefined, backend: undefined, milliseconds: 1 } };

    happens(failed('a'));
    happens(undefined);
    happens(failed('a'));
    assert.deepEqual(told, ['a']);
    happens(failed('b'));
    assert.deepEqual(told, ['a', 'b']);
    happens(done);
    happens(failed('b'));
    assert.deepEqual(told, ['a', 'b', 'b']);
    notice.reset();
    happens(failed('b'));
    assert.deepEqual(told, ['a', 'b', 'b', 'b']);
    notice.dispose();
    happens(failed('c'));
    assert.equal(told.length, 4);
    changed.dispose();
  });
});
