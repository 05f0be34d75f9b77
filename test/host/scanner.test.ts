import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Decision } from '../../src/core/exits/decision';
import { languageOfFile } from '../../src/core/sources/comments/languages';
import type { TaughtTask } from '../../src/core/teach/taught-task';
import { FileChanges } from '../../src/editor/scan/file-changes';
import { Scanner } from '../../src/editor/scan/scanner';
import { ScanResults } from '../../src/editor/scan/scan-results';
import type { WorkspaceFiles } from '../../src/editor/workspace-files';
import type { Settings } from '../../src/editor/settings';
import type { ClassifyRequest, Engine } from '../../src/engine/engine';

describe('a scanner', () => {
  const log = vscode.window.createOutputChannel('Test', { log: true });
  const COLOURS: TaughtTask = { name: 'colours', title: 'Colours', texts: 'comments', silent: 'other', examples: [{ text: 'red', label: 'colour' }, { text: 'oak', label: 'other' }] };
  let uri: vscode.Uri;
  let results: ScanResults;
  let scanner: Scanner;
  /** That of another window. */
  let next: Scanner;
  /** The backend that runs. */
  let backend: string;
  let taught: TaughtTask[];
  let requests: ClassifyRequest[];

  beforeEach(async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    uri = vscode.Uri.joinPath(folder.uri, 'scanned.ts');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('// a hack\n'));
    const language = languageOfFile('scanned.ts');
    assert.ok(language);
    const file = { folder, uri, path: 'scanned.ts', language };
    [backend, taught, requests] = ['native', [], []];
    const engine = {
      describe: () => Promise.resolve({ backend }),
      findComments: () => Promise.resolve({ snippets: [{ text: 'a hack', range: { start: 0, end: 9 } }], ignored: 0, foundBy: 'grammar' }),
      classify: (request: ClassifyRequest) => {
        requests.push(request);
        const label = typeof request.task === 'string' ? 'design' : 'colour';
        return Promise.resolve(request.texts.map((): Decision => ({ label, labels: [label], confidence: 0.9, exit: 1, lastExit: 2, trace: [], milliseconds: 0, exitMilliseconds: [], engine: backend })));
      },
    } as unknown as Engine;
    const files = {
      async *of() {
        yield await Promise.resolve(file);
      },
      async *at() {
        yield await Promise.resolve(file);
      },
    } as unknown as WorkspaceFiles;
    const settings = { maximumFileSize: () => 1e6, policy: () => ({ kind: 'full' }) } as unknown as Settings;
    const memory = { get: () => undefined, update: () => Promise.resolve() } as unknown as vscode.Memento;
    results = new ScanResults({ severityIn: () => () => vscode.DiagnosticSeverity.Information, showsTaughtIn: () => () => true });
    [scanner, next] = [0, 1].map(() => new Scanner(engine, files, results, { reported: () => Promise.resolve(taught) }, settings, memory, log)) as [Scanner, Scanner];
  });
  afterEach(async () => {
    scanner.dispose();
    next.dispose();
    results.dispose();
    await vscode.workspace.fs.delete(uri);
  });
  after(() => log.dispose());

  it('has an encoder answer, once there is one again, where exit 0 alone has', async () => {
    backend = 'exit-0';
    await scanner.scan();
    assert.equal(results.totals().byExitZeroAlone, 1);
    await scanner.scan();
    await scanner.refreshExitZeroAlone();
    assert.equal(requests.length, 1, 'there is still no encoder');
    backend = 'native';
    let told = 0;
    const subscription = scanner.onDidChange(({ kind }) => (told += Number(kind === 'done')));
    await scanner.refreshExitZeroAlone();
    subscription.dispose();
    assert.deepEqual([results.totals().byExitZeroAlone, requests.length, told], [0, 2, 1]);
    backend = 'exit-0';
    await scanner.scan();
    assert.equal(requests.length, 2, 'better answers stay');
  });

  it('has the next scan ask an encoder, if there is one again, where exit 0 alone has answered', async () => {
    backend = 'exit-0';
    await scanner.scan();
    backend = 'native';
    await scanner.scan();
    assert.deepEqual([results.totals().byExitZeroAlone, requests.length], [0, 2]);
  });

  it('does not take what another engine of an earlier window has answered for the answers of its own second one', async () => {
    scanner.outdate(true);
    await scanner.scan();
    await next.resume({ at: new Date(), files: [...results.all()] });
    assert.deepEqual([next.state.kind, next.isOutdated], ['kept', false]);
    await next.scan();
    assert.equal(requests.length, 1, 'the same package answers');
    next.outdate(true);
    assert.equal(next.isOutdated, true);
    await next.scan();
    assert.deepEqual([requests.length, next.isOutdated], [2, false]);
  });

  it('forgets all that was below a folder that is gone, even one that is called like a source file', async () => {
    await scanner.scan();
    const [file] = results.all();
    assert.ok(file);
    const folder = vscode.Uri.joinPath(file.folder.uri, 'three.js');
    results.set({ ...file, uri: vscode.Uri.joinPath(folder, 'core/scene.ts'), path: 'three.js/core/scene.ts' });
    await results.deleteUnder(folder, new Set());
    assert.deepEqual([...results.all()].map(({ path }) => path), ['scanned.ts']);
  });

  it('follows what changes while the results of an earlier window come back', async () => {
    await scanner.scan();
    // Watchers tell when they like.
    const excluded = new vscode.EventEmitter<void>();
    let resumed: () => void = () => undefined;
    const changes = new FileChanges(next, { onDidChangeScannedFiles: excluded.event } as unknown as Settings, new Promise((resolve) => (resumed = resolve)));
    try {
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('// another hack\n'));
      excluded.fire();
      await next.resume({ at: new Date(), files: [...results.all()] });
      const refreshed = new Promise<unknown>((resolve) => results.onDidChange(resolve));
      resumed();
      await refreshed;
      assert.equal(requests.length, 2);
    } finally {
      changes.dispose();
      // After the one that is under way, which is not to see the file of the next test.
      await next.refresh([]);
    }
  });

  it('classifies for what was taught as well, and anew when that is another', async () => {
    await scanner.scan();
    assert.deepEqual(results.visibleByTask().map(({ task }) => task.title), ['Debt']);
    taught = [COLOURS];
    await scanner.scan();
    assert.deepEqual(results.visibleByTask().map(({ task, files }) => [task.title, files[0]?.findings[0]?.decision.label]), [['Debt', 'design'], ['Colours', 'colour']]);
    assert.equal(results.totals().meanExit, 1, 'of debt alone');
    await scanner.scan();
    assert.equal(requests.length, 3);
    taught = [];
    await scanner.scan();
    assert.deepEqual(results.visibleByTask().map(({ task }) => task.title), ['Debt']);
  });
});
