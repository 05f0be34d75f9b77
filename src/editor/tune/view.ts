import * as vscode from 'vscode';
import { describeAskedPromise, OFFERED_SHARES, shareInPercent } from '../../core/exits/promise';
import { TASKS } from '../../core/tasks/tasks';
import { promiseHere, type ModelDescription, type TaskDescription } from '../../engine/engine';
import type { TaskView, TuneView, WorkspaceView } from '../../webview/tune/messages';
import type { Settings } from '../settings';
import { taskWithKind } from './kinds';
import { packageCurve } from './package-curve';
import type { MeasurementState } from './task-measurement';
import { workspaceView } from './workspace-view';

/**
 * What the page is to show.
 * @param states of measurements, by task.
 * @param applied what came of applying a level, if one was.
 */
export function tuneView(model: ModelDescription, settings: Settings, states: ReadonlyMap<string, MeasurementState>, applied: string): TuneView {
  const tasks = [...model.tasks].sort((a, b) => rank(a) - rank(b));
  const policy = settings.policy();
  return {
    levels: OFFERED_SHARES.map((share) => ({ share, label: shareInPercent(share) })),
    inUse: Math.max(0, OFFERED_SHARES.findLastIndex((share) => share <= settings.shareInUse.share)),
    inUseText: describeInUse(settings),
    applied,
    setAside: policy.kind === 'promise' ? '' : vscode.l10n.t('The setting glance.exit.policy is "{0}": it sets this promise aside.', policy.kind),
    canApplyToWorkspace: (vscode.workspace.workspaceFolders ?? []).length > 0,
    tasks: tasks.map((task) => taskView(task, states.get(task.id) ?? { kind: 'none' })),
  };
}

function rank({ id }: TaskDescription): number {
  const known = TASKS.findIndex((task) => task.id === id);
  return known < 0 ? TASKS.length : known;
}

function describeInUse({ shareInUse: { share, setIn, languages } }: Settings): string {
  const inUse = {
    default: () => vscode.l10n.t('In use for all kinds of text: {0}, the default.', shareInPercent(share)),
    user: () => vscode.l10n.t('In use for all kinds of text: {0}, as you have set it.', shareInPercent(share)),
    workspace: () => vscode.l10n.t('In use for all kinds of text: {0}, as this workspace has set it.', shareInPercent(share)),
  }[setIn]();
  return languages.length === 0 ? inUse : `${inUse} ${vscode.l10n.t('Another share is set for {0}.', languages.join(', '))}`;
}

function taskView(task: TaskDescription, state: MeasurementState): TaskView {
  const curve = packageCurve(task);
  return {
    id: task.id,
    title: titleOf(task),
    question: task.promise.of === 'findings' ? vscode.l10n.t('Findings that may differ') : vscode.l10n.t('Answers that may differ'),
    promises: OFFERED_SHARES.map((share) => describeAskedPromise(share, promiseHere(share, task))),
    package: { ...(curve && { curve }), note: curve ? '' : vscode.l10n.t('This model package does not say what was measured of it.') },
    workspace: workspaceOf(task, state),
  };
}

/** What a task's texts are; of a second task of the same texts, and of one that Glance does not know, its identifier says which it is. */
function titleOf({ id }: TaskDescription): string {
  const known = taskWithKind(id);
  if (!known) {
    return id;
  }
  const title = known.kind.title();
  return TASKS.find(({ texts }) => texts === known.task.texts) === known.task ? title : `${title} (${id})`;
}

function workspaceOf(described: TaskDescription, state: MeasurementState): WorkspaceView {
  const known = taskWithKind(described.id);
  return known ? workspaceView(known.task, known.kind, described, state) : { kind: 'unknown', text: vscode.l10n.t('Glance does not know where this workspace has texts for the task "{0}", and cannot measure it.', described.id) };
}
