import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ModelFault } from '../../src/editor/engine/model-fault';

describe('a model package at fault', () => {
  it('is told of once, again when it is another or was tried again, and shown until then', () => {
    const told: string[] = [];
    const item = vscode.languages.createLanguageStatusItem('glance.test', []);
    const modelFault = new ModelFault((fault) => told.push(fault), item);
    const shown = (): string | undefined => ((item.selector as readonly unknown[]).length > 0 ? item.detail : undefined);
    assert.equal(shown(), undefined);
    modelFault.set('a');
    modelFault.set('a');
    assert.deepEqual([told, shown()], [['a'], 'a']);
    modelFault.set('b');
    assert.deepEqual([told, shown()], [['a', 'b'], 'b']);
    modelFault.clear();
    assert.equal(shown(), undefined);
    modelFault.set('b');
    assert.deepEqual([told, shown()], [['a', 'b', 'b'], 'b']);
    modelFault.dispose();
  });
});
