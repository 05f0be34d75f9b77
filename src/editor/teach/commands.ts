import * as vscode from 'vscode';
import { review } from '../../core/teach/examples';
import { describeEstimate, reportMarkdown, verdict } from '../../core/teach/report';
import { nameFor, type Example, type TaughtTask } from '../../core/teach/taught-task';
import type { Engine, TaughtDescription } from '../../engine/engine';
import { offerLog } from '../offer-log';
import type { Commands } from '../surface';
import { withSignal } from '../with-signal';
import { askForExamples, askForLabel, askForTask, describeFile, type NewTask } from './questions';
import type { ReportDocuments } from './report-documents';
import type { ReadableFile, TaughtFile, TaughtFiles } from './taught-files';
import { textsOf } from './texts-of-editor';

/** What the commands work with. */
interface CommandContext {
  readonly engine: Engine;
  readonly files: TaughtFiles;
  readonly reports: ReportDocuments;
}

/** What a caller may give instead of being asked. A task that is not there yet is made. */
export interface TeachArguments extends Partial<Pick<TaughtTask, 'texts' | 'silent'>> {
  /** Title or name of the task. */
  readonly task: string;
  /** Label of what is selected. */
  readonly label: string;
}

/** What came of teaching: the estimate, where there are examples enough. */
export interface Taught {
  readonly added: number;
  readonly missing: readonly string[];
  readonly description?: TaughtDescription | undefined;
}

/** The commands on taught labels. */
export function teachCommands(context: CommandContext): Commands {
  return {
    'glance.teachLabel': (given?: TeachArguments) => told(() => teachLabel(context, given)),
    'glance.showTaughtLabels': (given?: { readonly task: string }) => told(() => showTaughtLabels(context, given?.task)),
    'glance.removeTaughtLabels': (given?: { readonly task: string }) => told(() => removeTaughtLabels(context, given?.task)),
  };
}

/** Runs a command and tells its user of what goes wrong. */
async function told<Result>(run: () => Promise<Result | undefined>): Promise<Result | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof vscode.CancellationError)) {
      void offerLog(error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }
}

async function teachLabel(context: CommandContext, given: TeachArguments | undefined): Promise<Taught | undefined> {
  const editor = vscode.window.activeTextEditor;
  const folder = (editor && vscode.workspace.getWorkspaceFolder(editor.document.uri)) ?? vscode.workspace.workspaceFolders?.[0];
  if (!folder) {
    void vscode.window.showWarningMessage(vscode.l10n.t('Open a folder first: the examples that you teach with are kept in it.'));
    return undefined;
  }
  const files = await context.files.tasks();
  const chosen = given ? taskFor(given, files) : await askForTask(files);
  if (!chosen) {
    return undefined;
  }
  const task = 'task' in chosen ? chosen.task : chosen;
  const examples = await examplesFor(context.engine, editor, task, given?.label);
  if (!examples) {
    return undefined;
  }
  const file = 'task' in chosen ? chosen : await context.files.create(folder, chosen);
  const { task: grown, added } = await context.files.add(file, examples);
  const { missing } = review(grown);
  if (missing.length > 0) {
    void offerExamples(vscode.l10n.t('{0}: {1} examples added. {2}', grown.title, added, missing.join(' ')), file.uri);
    return { added, missing };
  }
  const description = await train(context.engine, grown);
  void offerReport(context, grown, description);
  return { added, missing, description };
}

function taskFor({ task, texts = 'comments', silent = null }: TeachArguments, files: readonly ReadableFile[]): ReadableFile | NewTask {
  const name = nameFor(task);
  return files.find((file) => file.task.name === name) ?? { name, title: task, texts, silent };
}

/** The examples to add. @returns nothing when its user has had enough. */
async function examplesFor(engine: Engine, editor: vscode.TextEditor | undefined, task: TaughtTask | NewTask, label: string | undefined): Promise<Example[] | undefined> {
  const texts = editor ? await textsOf(editor, task.texts, engine) : [];
  const labelling = label === undefined ? await askForLabel(task, texts) : ({ kind: 'label', label } as const);
  switch (labelling?.kind) {
    case 'label':
      return texts.map((text) => ({ text, label: labelling.label }));
    case 'import':
      return askForExamples();
    case undefined:
      return undefined;
  }
}

/** Trains a task where its user sees it, and can cancel. @throws {vscode.CancellationError} when that happens. */
function train(engine: Engine, task: TaughtTask): Thenable<TaughtDescription> {
  const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Glance: training {0}', task.title), cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    let reported = 0;
    return withSignal(token, (signal) =>
      engine.teach(task, signal, (share) => {
        progress.report({ increment: 100 * (share - reported) });
        reported = share;
      }),
    );
  });
}

async function showTaughtLabels(context: CommandContext, given: string | undefined): Promise<TaughtDescription | undefined> {
  const files = await context.files.all();
  const file = given === undefined ? await askForFile(files) : named(files, given);
  if (!file) {
    return undefined;
  }
  if ('fault' in file) {
    await vscode.window.showTextDocument(file.uri);
    return undefined;
  }
  const { missing } = review(file.task);
  if (missing.length > 0) {
    void offerExamples(vscode.l10n.t('{0} cannot be trained yet. {1}', file.task.title, missing.join(' ')), file.uri);
    return undefined;
  }
  const description = await train(context.engine, file.task);
  await showReport(context, file.task, description);
  return description;
}

async function removeTaughtLabels({ files }: CommandContext, given: string | undefined): Promise<number | undefined> {
  const all = await files.all();
  const chosen = given === undefined ? await askForFiles(all) : [named(all, given)].filter((file) => file !== undefined);
  if (chosen.length === 0) {
    return undefined;
  }
  const remove = vscode.l10n.t('Remove');
  const detail = vscode.l10n.t('{0} will be deleted. You can undo this in the Explorer.', chosen.map(({ uri }) => vscode.workspace.asRelativePath(uri)).join(', '));
  if (given === undefined && (await vscode.window.showWarningMessage(vscode.l10n.t('Remove what was taught?'), { modal: true, detail }, remove)) !== remove) {
    return undefined;
  }
  await files.remove(chosen);
  return chosen.length;
}

function named(files: readonly TaughtFile[], given: string): TaughtFile | undefined {
  return files.find((file) => 'task' in file && file.task.name === nameFor(given));
}

async function askForFile(files: readonly TaughtFile[]): Promise<TaughtFile | undefined> {
  if (files.length <= 1) {
    return files[0] ?? nothingTaught();
  }
  return (await vscode.window.showQuickPick(files.map((file) => ({ ...describeFile(file), file })), { title: vscode.l10n.t('Taught Labels') }))?.file;
}

async function askForFiles(files: readonly TaughtFile[]): Promise<readonly TaughtFile[]> {
  if (files.length === 0) {
    nothingTaught();
    return [];
  }
  const picked = await vscode.window.showQuickPick(files.map((file) => ({ ...describeFile(file), file })), { title: vscode.l10n.t('Remove Taught Labels'), canPickMany: true });
  return picked?.map(({ file }) => file) ?? [];
}

function nothingTaught(): undefined {
  void vscode.window.showInformationMessage(vscode.l10n.t('Nothing has been taught in this workspace. Select an example and run "Glance: Teach a Label".'));
}

async function offerExamples(message: string, uri: vscode.Uri): Promise<void> {
  const open = vscode.l10n.t('Open Examples');
  if ((await vscode.window.showInformationMessage(message, open)) === open) {
    await vscode.window.showTextDocument(uri);
  }
}

async function offerReport(context: CommandContext, task: TaughtTask, description: TaughtDescription): Promise<void> {
  const show = vscode.l10n.t('Show Report');
  if ((await vscode.window.showInformationMessage(`${task.title}: ${verdict(description.estimate)} ${describeEstimate(description.estimate)}`, show)) === show) {
    await showReport(context, task, description);
  }
}

function showReport({ reports }: CommandContext, task: TaughtTask, { estimate }: TaughtDescription): Promise<void> {
  return reports.show(task.name, reportMarkdown({ title: task.title, silent: task.silent, remarks: review(task).remarks }, estimate));
}
