import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { BackendStatus } from '../../src/editor/engine/backend-status';
import type { Outcome } from '../../src/editor/answers/document-answers';
import type { Classification } from '../../src/editor/comments/classifications';
import type { BackendDescription } from '../../src/engine/engine';
import { open } from './editor';

describe('status of the backend', () => {
  it('warns while the engine is degraded, and logs each backend once', async () => {
    const { document } = await open('');
    const changed = new vscode.EventEmitter<vscode.TextDocument>();
    let outcome: Outcome<Classification> | undefined;
    const logged: string[] = [];
    const log = (line: string): number => logged.push(line);
    const status = new BackendStatus({ onDidChange: changed.event, of: () => outcome }, { info: log, warn: log }, 'glance.showLog', 'glance.backend.test');
    const answers = (backend: BackendDescription | undefined): void => {
      outcome = { kind: 'done', version: 1, answer: { comments: [], findings: [], ignored: 0, classified: 0, foundBy: 'grammar', promise: undefined, backend, milliseconds: 1 } };
      changed.fire(document);
    };
    const shown = (): boolean => (status.item.selector as readonly unknown[]).length > 0;

    assert.equal(shown(), false);
    answers({ backend: 'native', notTaken: [], degraded: false });
    assert.equal(shown(), false);
    const wasm: BackendDescription = { backend: 'wasm', notTaken: [{ name: 'native', reason: 'no binary' }], degraded: true };
    answers(wasm);
    answers(undefined);
    answers({ ...wasm });
    assert.equal(shown(), true);
    assert.equal(status.item.severity, vscode.LanguageStatusSeverity.Warning);
    assert.equal(status.item.text, 'Glance: wasm engine');
    assert.match(status.item.detail ?? '', /WebAssembly, several times slower, for want of native \(no binary\)/u);
    answers({ backend: 'native', notTaken: [], degraded: false });
    assert.equal(shown(), false);
    assert.deepEqual(logged, ['Backend: native', 'Backend: wasm', 'Backend native was not taken: no binary', 'Backend: native']);
    status.dispose();
    changed.dispose();
  });
});
