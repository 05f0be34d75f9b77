import * as vscode from 'vscode';
import { review } from '../../core/teach/examples';
import { faultOfLabel, LEAST_EXAMPLES, LONGEST_FILE, nameFor, parseExamples, type Example, type TaughtTask } from '../../core/teach/taught-task';
import type { ReadableFile, TaughtFile } from './taught-files';

/** A task that is to be made. */
export type NewTask = Omit<TaughtTask, 'examples'>;

/** Asks which task to teach: one of those there are, or a new one. @returns nothing when its user has had enough. */
export async function askForTask(files: readonly ReadableFile[]): Promise<ReadableFile | NewTask | undefined> {
  if (files.length === 0) {
    return askForNewTask(files);
  }
  const fresh = { label: vscode.l10n.t('$(add) New...'), file: undefined };
  const picked = await vscode.window.showQuickPick([...files.map((file) => ({ ...describeFile(file), file })), fresh], {
    title: vscode.l10n.t('Teach a Label'),
    placeHolder: vscode.l10n.t('What do you want to teach?'),
  });
  return picked && (picked.file ?? askForNewTask(files));
}

async function askForNewTask(files: readonly ReadableFile[]): Promise<NewTask | undefined> {
  const title = await vscode.window.showInputBox({
    title: vscode.l10n.t('Teach a Label (1 of 3)'),
    prompt: vscode.l10n.t('What are the labels about? Its examples are kept in this folder, in .vscode/glance.'),
    placeHolder: vscode.l10n.t('Security notes'),
    ignoreFocusOut: true,
    validateInput: (value) => faultOfTitle(value, files),
  });
  if (title === undefined) {
    return undefined;
  }
  const kind = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('Comments'), detail: vscode.l10n.t('Classified in files that you open and in scans, beside debt'), texts: 'comments' as const },
      { label: vscode.l10n.t('Any text'), detail: vscode.l10n.t('Classified where you select it'), texts: 'any' as const },
    ],
    { title: vscode.l10n.t('Teach a Label (2 of 3)'), placeHolder: vscode.l10n.t('Which texts get these labels?'), ignoreFocusOut: true },
  );
  if (!kind) {
    return undefined;
  }
  const silent = await vscode.window.showInputBox({
    title: vscode.l10n.t('Teach a Label (3 of 3)'),
    prompt: vscode.l10n.t('Which label is for texts that are not to be reported? It needs examples as well. Leave it empty to have none: then no text is reported.'),
    value: kind.texts === 'comments' ? vscode.l10n.t('other') : '',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? undefined : faultInWords(faultOfLabel(value))),
  });
  return silent === undefined ? undefined : { name: nameFor(title), title: title.trim(), texts: kind.texts, silent: silent.trim() || null };
}

function faultOfTitle(title: string, files: readonly ReadableFile[]): string | undefined {
  const name = nameFor(title);
  if (faultOfLabel(title) === undefined && name === '') {
    return vscode.l10n.t('Its file is named after it: use at least one Latin letter or digit.');
  }
  return files.some(({ task }) => task.name === name) ? vscode.l10n.t('There is one of this name already.') : faultInWords(faultOfLabel(title));
}

function faultInWords(fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : vscode.l10n.t('It {0}.', fault);
}

/** What is to become an example, and how its user says which label. */
export type Labelling = { readonly kind: 'label'; readonly label: string } | { readonly kind: 'import' };

/** Asks for the label of texts. @param texts that are pointed at; there may be none. */
export async function askForLabel(task: TaughtTask | NewTask, texts: readonly string[]): Promise<Labelling | undefined> {
  const counts = 'examples' in task ? review(task).labels : [];
  const silent = task.silent !== null && !counts.some(({ label }) => label === task.silent) ? [{ label: task.silent, examples: 0 }] : [];
  const known = [...counts, ...silent].map(({ label, examples }) => ({
    label,
    description: [howMany(examples), label === task.silent && vscode.l10n.t('not reported')].filter(Boolean).join(', '),
    labelling: { kind: 'label', label } as const,
  }));
  const fresh = { label: vscode.l10n.t('$(add) New label...'), labelling: undefined };
  const files = { label: vscode.l10n.t('$(file) Import examples from a JSONL file...'), labelling: { kind: 'import' } as const };
  const pointing = texts.length === 1 ? vscode.l10n.t('Which label does this text have?') : vscode.l10n.t('Which label do these {0} texts have?', texts.length);
  // What is not reported comes late: it is not to be picked by pressing Enter.
  const picked = await vscode.window.showQuickPick(texts.length > 0 ? [...known.filter(({ label }) => label !== task.silent), fresh, ...known.filter(({ label }) => label === task.silent), files] : [files], {
    title: task.title,
    placeHolder: texts.length > 0 ? pointing : vscode.l10n.t('Nothing is selected. Select comments or text to teach with, or import examples.'),
  });
  if (!picked || picked.labelling) {
    return picked?.labelling;
  }
  const label = await vscode.window.showInputBox({ title: task.title, prompt: vscode.l10n.t('Name of the label'), validateInput: (value) => faultInWords(faultOfLabel(value)) });
  return label === undefined ? undefined : { kind: 'label', label: label.trim() };
}

function howMany(examples: number): string {
  return examples < LEAST_EXAMPLES ? vscode.l10n.t('{0} of at least {1} examples', examples, LEAST_EXAMPLES) : vscode.l10n.t('{0} examples', examples);
}

/** Asks for a file of examples and reads it. @throws {TaughtTaskError} naming the first line at fault. */
export async function askForExamples(): Promise<Example[] | undefined> {
  const [uri] = (await vscode.window.showOpenDialog({ title: vscode.l10n.t('Import Examples'), filters: { [vscode.l10n.t('JSON Lines')]: ['jsonl', 'ndjson', 'json'] } })) ?? [];
  if (!uri) {
    return undefined;
  }
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > LONGEST_FILE) {
    throw new RangeError(vscode.l10n.t('The file is {0} MB long; a file of examples may have {1} MB.', (size / 1e6).toFixed(0), LONGEST_FILE / 1e6));
  }
  return parseExamples(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
}

/** How a file is listed. */
export function describeFile(file: TaughtFile): vscode.QuickPickItem {
  const where = (vscode.workspace.workspaceFolders ?? []).length > 1 ? file.folder.name : undefined;
  if ('fault' in file) {
    return { label: `$(warning) ${vscode.workspace.asRelativePath(file.uri)}`, detail: file.fault };
  }
  const labels = review(file.task).labels.map(({ label, examples }) => `${label} (${examples})`).join(', ');
  return { label: file.task.title, detail: labels === '' ? vscode.l10n.t('No examples yet') : labels, ...(where !== undefined && { description: where }) };
}
