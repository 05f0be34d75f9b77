import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { KeptResults } from '../../src/editor/scan/kept-results';
import { ScanResults, type ScannedFile } from '../../src/editor/scan/scan-results';
import type { Settings } from '../../src/editor/settings';
import { extensionPath } from './editor';

describe('the results of a scan', () => {
  const log = vscode.window.createOutputChannel('Test', { log: true });
  const results = new ScanResults({ severityIn: () => () => vscode.DiagnosticSeverity.Information, showsTaughtIn: () => () => true });
  let storage: string;
  /** Answered by the package in a folder, or by the one that ships. */
  const keptBy = (modelPath?: string): KeptResults =>
    new KeptResults({ extensionUri: vscode.Uri.file(extensionPath()), storageUri: vscode.Uri.file(path.join(storage, 'new')) } as vscode.ExtensionContext, { modelPath, executionProvider: 'auto' } as Settings, log);
  let uri: vscode.Uri;
  let scanned: ScannedFile;

  before(async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    storage = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'));
    uri = vscode.Uri.joinPath(folder.uri, 'kept.txt');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('// a hack\n'));
    const { size, mtime } = await vscode.workspace.fs.stat(uri);
    const decision = { label: 'design', labels: ['design'], confidence: 0.5, findingConfidence: 0.8, exit: 1, lastExit: 3 };
    const finding = { text: 'a hack', decision, start: { line: 0, column: 0 }, end: { line: 0, column: 9 }, fingerprint: 'f' };
    scanned = { folder, uri, path: 'kept.txt', languageId: 'typescript', size, mtime, circumstances: '[]', generation: 0, comments: 1, exits: 1, findings: [finding], byExitZeroAlone: true, taught: [{ task: 'colours', title: 'Colours', silentLabel: 'other', findings: [finding] }] };
    results.set(scanned);
  });
  after(async () => {
    results.dispose();
    log.dispose();
    await vscode.workspace.fs.delete(uri);
    await rm(storage, { recursive: true });
  });

  it('come back with the window, but for files that have changed, and not where others answer', async () => {
    const kept = keptBy();
    assert.equal(await kept.load(), undefined);
    await kept.save(results);
    const [file] = (await kept.load())?.files ?? [];
    assert.deepEqual({ ...file, uri: file?.uri.toString(), generation: scanned.generation }, { ...scanned, uri: uri.toString() });
    assert.equal(await keptBy(storage).load(), undefined);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('// a hack, and another\n'));
    assert.deepEqual((await kept.load())?.files, []);
  });

  it('that were kept are nothing where they cannot be read', async () => {
    const kept = keptBy();
    const file = path.join(storage, 'new', 'scan.jsonl');
    await kept.save(results);
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -20));
    assert.equal(await kept.load(), undefined);
  });
});
