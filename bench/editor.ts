/**
 * What Glance costs its editor, measured inside the extension host of a real VS Code with the packaged extension installed. `run` is VS Code's
 * `extensionTestsPath`; scripts/bench-editor.mjs starts it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { EditorMeasurement } from './editor-report';

/** Comments of the file that is typed in. */
const COMMENTS_WHILE_TYPING = 500;

/** Keystrokes that are measured. */
const EDITS = 30;

/** Comments of the file and of the folder that are classified as a whole. */
const COMMENTS_OF_A_SCAN = 20_000;
const COMMENTS_OF_A_FILE = 100;

/** Without it, VS Code's own TypeScript extension reports an error on every second line, which takes the extension host long. */
const DECLARATION = 'declare function step(index: number): void;\n';

/** How often the event loop is asked to answer, in milliseconds. */
const RESOLUTION = 1;

/** Parts of comments that are put together, so that no two are the same. One of twenty admits something. */
const SUBJECTS = ['the cache', 'this loop', 'the parser', 'a session', 'the first row', 'every handler', 'the old index', 'that flag', 'the lock', 'a request'];
const SAYINGS = [
  'is emptied before it is filled again', 'keeps the order of its entries', 'has to be called once', 'returns what was asked for', 'is read by the importer',
  'starts at zero', 'is shared by all threads', 'holds one page of results', 'is closed by its owner', 'counts from the end',
  'is written in one go', 'belongs to the window', 'comes from the settings', 'is sorted by name', 'never grows',
  'is empty on the first call', 'knows its parent', 'ends with a line break', 'is told of every change', 'is an ugly hack until the server answers with pages',
];

/** @throws when something that is measured does not happen. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('glance-project.glance');
  const out = process.env['GLANCE_BENCH_OUT'];
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!extension || !out || !folder) {
    throw new Error('Run this with "npm run bench:editor".');
  }
  if (extension.isActive) {
    throw new Error('Glance is active before it is asked to be: scripts/bench-editor.mjs must keep VS Code from that.');
  }
  const started = performance.now();
  await extension.activate();
  const activation = performance.now() - started;
  const measurement: EditorMeasurement | undefined = process.env['GLANCE_BENCH_PART'] === 'all' ? { keystrokes: await measureKeystrokes(folder.uri), blocked: await measureBlocking(folder.uri) } : undefined;
  writeFileSync(out, JSON.stringify({ activation, ...measurement }));
}

/** From a keystroke to the diagnostics of what was typed, in milliseconds. */
async function measureKeystrokes(folder: vscode.Uri): Promise<number[]> {
  const file = vscode.Uri.joinPath(folder, 'typing.ts');
  const every = Math.floor(COMMENTS_WHILE_TYPING / EDITS);
  const lines = Array.from({ length: COMMENTS_WHILE_TYPING }, (_, index) => `// ${index % every === 0 ? `TODO: this is an ugly hack, replace it by number ${index}` : commentOf(index)}\nstep(${index});\n`);
  writeFileSync(file.fsPath, lines.join(''));
  const editor = await vscode.window.showTextDocument(file);
  await vscode.commands.executeCommand('glance.classifyFile');
  const times: number[] = [];
  for (let edit = 0; edit < EDITS; edit += 1) {
    const end = editor.document.lineAt(2 * every * edit).range.end;
    editor.selection = new vscode.Selection(end, end);
    const wanted = end.translate(0, 1);
    const started = performance.now();
    const shown = diagnosticEndsAt(file, wanted);
    await vscode.commands.executeCommand('type', { text: '0' });
    await shown;
    times.push(performance.now() - started);
  }
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  return times;
}

/** The longest time, in milliseconds, that the extension host could not answer, by what it did meanwhile. */
async function measureBlocking(folder: vscode.Uri): Promise<Record<string, number>> {
  const count = COMMENTS_OF_A_SCAN.toLocaleString('en');
  const file = vscode.Uri.joinPath(folder, 'scan.ts');
  writeFileSync(file.fsPath, [DECLARATION, ...Array.from({ length: COMMENTS_OF_A_SCAN }, (_, index) => `// ${commentOf(index)}\nstep(${index});\n`)].join(''));
  const blocked: Record<string, number> = {};
  const configuration = vscode.workspace.getConfiguration('glance');
  await configuration.update('comments.run', 'never', vscode.ConfigurationTarget.Global);
  blocked['nothing, for three seconds'] = await longestDelay(() => sleep(3000));
  blocked[`opening a file of ${count} comments, with Glance switched off`] = await longestDelay(async () => {
    await vscode.window.showTextDocument(file);
    await sleep(2000);
  });
  blocked[`classifying these ${count} comments, in one file`] = await longestDelay(() => vscode.commands.executeCommand('glance.classifyFile'));
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  await configuration.update('comments.run', undefined, vscode.ConfigurationTarget.Global);
  if ((await vscode.commands.getCommands()).includes('glance.scanWorkspace')) {
    const files = vscode.Uri.joinPath(folder, 'many').fsPath;
    mkdirSync(files);
    for (let first = 0; first < COMMENTS_OF_A_SCAN; first += COMMENTS_OF_A_FILE) {
      const lines = Array.from({ length: COMMENTS_OF_A_FILE }, (_, index) => `// ${commentOf(COMMENTS_OF_A_SCAN + first + index)}\nstep(${index});\n`);
      writeFileSync(path.join(files, `file-${first}.ts`), lines.join(''));
    }
    blocked[`scanning a workspace of twice ${count} comments`] = await longestDelay(() => vscode.commands.executeCommand('glance.scanWorkspace'));
  }
  return blocked;
}

function commentOf(index: number): string {
  return `${SUBJECTS[index % SUBJECTS.length]} ${SAYINGS[Math.floor(index / SUBJECTS.length) % SAYINGS.length]}, see ${index}`;
}

/** Waits until a diagnostic of Glance ends at a position. @throws after ten seconds. */
function diagnosticEndsAt(uri: vscode.Uri, end: vscode.Position): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = vscode.languages.onDidChangeDiagnostics(() => {
      if (vscode.languages.getDiagnostics(uri).some(({ source, range }) => source === 'Glance' && range.end.isEqual(end))) {
        subscription.dispose();
        clearTimeout(limit);
        resolve();
      }
    });
    const limit = setTimeout(() => {
      subscription.dispose();
      reject(new Error(`No diagnostic ends at line ${end.line + 1}, column ${end.character + 1}.`));
    }, 10_000);
  });
}

async function longestDelay(work: () => Thenable<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  await work();
  // What was blocked last is known at the next tick.
  await sleep(10 * RESOLUTION);
  histogram.disable();
  // The time between two ticks is counted, of which so much was meant.
  return histogram.max / 1e6 - RESOLUTION;
}
