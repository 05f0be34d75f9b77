import * as vscode from 'vscode';
import { describePromise, OFFERED_SHARES, shareInPercent } from '../../core/exits/promise';
import { COMMENT_DEBT } from '../../core/tasks/comment-debt';
import { answerTitle } from '../../core/tasks/describe';
import { TASKS } from '../../core/tasks/tasks';
import { sampleToShow, type Change, type Outcome } from '../../core/tuning/outcome';
import { promiseHere, type ModelDescription, type TaskDescription } from '../../engine/engine';
import type { Curve, Example, TuneView, WorkspaceView } from '../../webview/tune/messages';
import type { Settings } from '../settings';
import type { Measurement, Progress } from './measurement';
import type { SampledComment } from './workspace-comments';

/** Examples of a level that are listed. */
const MOST_EXAMPLES = 50;

/** Characters of an example: what is longer is told by its beginning. */
const LONGEST_EXAMPLE = 200;

/** What is known of the workspace's own curve; `reason` says why nothing is, where there is one. */
export type MeasuredState = { readonly kind: 'none'; readonly reason?: string } | { readonly kind: 'measured'; readonly measurement: Measurement; readonly at: Date };

/** What is known, or being found out. */
type MeasurementState = MeasuredState | { readonly kind: 'running'; readonly progress: Progress };

/** What the page is to show. */
export function tuneView(model: ModelDescription, settings: Settings, state: MeasurementState, applied: string): TuneView {
  const tasks = [...model.tasks].sort((a, b) => rank(a) - rank(b));
  const policy = settings.policy();
  return {
    levels: OFFERED_SHARES.map((share) => ({ share, label: shareInPercent(share), promise: tasks[0] ? promiseOf(share, tasks[0]) : '' })),
    inUse: Math.max(0, OFFERED_SHARES.findLastIndex((share) => share <= settings.shareInUse.share)),
    inUseText: describeInUse(settings),
    applied,
    setAside: policy.kind === 'promise' ? '' : vscode.l10n.t('The setting glance.exit.policy is "{0}": it sets this promise aside.', policy.kind),
    canApplyToWorkspace: (vscode.workspace.workspaceFolders ?? []).length > 0,
    tasks: tasks.map(taskView),
    workspace: workspaceView(state),
  };
}

/** A place in a file, as its reader knows it. */
function placeOf({ uri, line }: SampledComment): string {
  return `${vscode.workspace.asRelativePath(uri)}:${line}`;
}

function rank({ id }: TaskDescription): number {
  const known = TASKS.findIndex((task) => task.id === id);
  return known < 0 ? TASKS.length : known;
}

function promiseOf(share: number, task: TaskDescription): string {
  return describePromise(promiseHere(share, task));
}

function describeInUse({ shareInUse: { share, setIn, languages } }: Settings): string {
  const inUse = {
    default: () => vscode.l10n.t('In use: {0}, the default.', shareInPercent(share)),
    user: () => vscode.l10n.t('In use: {0}, as you have set it.', shareInPercent(share)),
    workspace: () => vscode.l10n.t('In use: {0}, as this workspace has set it.', shareInPercent(share)),
  }[setIn]();
  return languages.length === 0 ? inUse : `${inUse} ${vscode.l10n.t('Another share is set for {0}.', languages.join(', '))}`;
}

function axes(of: TaskDescription['promise']['of']): Pick<Curve, 'across' | 'up'> {
  return { across: differing(of), up: vscode.l10n.t('mean exit') };
}

/** What is counted of what a promise is of. */
function differing(of: TaskDescription['promise']['of']): string {
  return of === 'findings' ? vscode.l10n.t('findings that differ') : vscode.l10n.t('answers that differ');
}

function taskView(task: TaskDescription): TuneView['tasks'][number] {
  const known = TASKS.find(({ id }) => id === task.id);
  const curve = packageCurve(task);
  return {
    id: task.id,
    title: known ? known.texts[0]?.toUpperCase() + known.texts.slice(1) : task.id,
    promises: OFFERED_SHARES.map((share) => promiseOf(share, task)),
    ...(curve && { curve }),
    note: curve ? '' : vscode.l10n.t('This model package does not say what was measured of it.'),
  };
}

/** What the package says was measured: at every level, or not at all. */
function packageCurve(task: TaskDescription): Curve | undefined {
  const { lastExit, quality, promise } = task;
  const found = OFFERED_SHARES.map((share) => {
    const kept = promiseHere(share, task);
    if (kept.kind !== 'early') {
      return { share, differs: 0, meanExit: lastExit, summary: vscode.l10n.t('At full depth nothing differs, and every text goes through to exit {0}.', lastExit) };
    }
    const measured = quality?.promise.find(({ maxDisagreement }) => maxDisagreement === kept.maxDisagreement);
    if (!measured) {
      return undefined;
    }
    const { meanExit, changed } = measured;
    const [texts, differed] = [whole(quality?.exits[0]?.rows ?? 0), percentage(changed, 1)];
    const sentences = [
      promise.of === 'findings'
        ? vscode.l10n.t('Measured on {0} texts of projects it had never seen: {1} of the findings differed.', texts, differed)
        : vscode.l10n.t('Measured on {0} texts of projects it had never seen: {1} of the answers differed.', texts, differed),
      vscode.l10n.t('Mean exit {0} of {1}: {2} of the encoder need not be run.', meanExit.toFixed(2), lastExit, percentage(lastExit - meanExit, lastExit, 0)),
    ];
    return { share, differs: changed, meanExit, summary: sentences.join(' ') };
  });
  const points = found.flatMap((point) => (point ? [point] : []));
  return points.length < found.length || !quality ? undefined : {
    title: vscode.l10n.t('The model package: mean exit, by the share of {0}', differing(promise.of)),
    legend: vscode.l10n.t('Diamond: this level. Dashed line: what it promises.'),
    ...axes(promise.of),
    lastExit,
    points: points.map(({ differs, meanExit }) => ({ differs, meanExit })),
    columns: [vscode.l10n.t('May differ'), vscode.l10n.t('Differed'), vscode.l10n.t('Mean exit')],
    rows: points.map(({ share, differs, meanExit }) => [shareInPercent(share), percentage(differs, 1), meanExit.toFixed(2)]),
    summaries: points.map(({ summary }) => summary),
  };
}

function workspaceView(state: MeasurementState): WorkspaceView {
  switch (state.kind) {
    case 'none':
      return { kind: 'none', text: state.reason ?? vscode.l10n.t('Glance can classify a sample of the comments in this workspace at full depth, and tell what each level would have changed and saved.') };
    case 'running': {
      const { step, done, total } = state.progress;
      const text = step === 'finding' ? vscode.l10n.t('Reading files: {0} comments of at most {1} found', whole(done), whole(total)) : vscode.l10n.t('Classifying: {0} of {1} comments', whole(done), whole(total));
      return { kind: 'running', text, progress: (step === 'finding' ? 0 : 0.5) + (0.5 * done) / Math.max(1, total) };
    }
    case 'measured':
      return measuredView(state.measurement, state.at);
  }
}

function measuredView(measurement: Measurement, at: Date): WorkspaceView {
  const { comments, files, complete, lastExit, outcomes } = measurement;
  const text = complete
    ? vscode.l10n.t('All {0} distinct comments in {1} files', whole(comments.length), whole(files))
    : vscode.l10n.t('A sample of {0} distinct comments from {1} files', whole(comments.length), whole(files));
  const full = outcomes[0];
  return {
    kind: 'measured',
    text: `${text}, ${vscode.l10n.t('measured at {0}.', at.toLocaleTimeString(vscode.env.language))}`,
    curve: {
      title: vscode.l10n.t('Your workspace: mean exit, by the share of {0}', differing('findings')),
      legend: vscode.l10n.t('Diamond: this level. Dashed line: what it promises. Bar: up to where the share may be, of comments like these.'),
      ...axes('findings'),
      lastExit,
      points: outcomes.map(({ share, highest, meanExit }) => ({ differs: share, meanExit, ...(meanExit < lastExit && Number.isFinite(highest) && { highest }) })),
      columns: [vscode.l10n.t('May differ'), vscode.l10n.t('Would differ'), vscode.l10n.t('At most, with 95% confidence'), vscode.l10n.t('Mean exit'), vscode.l10n.t('Time saved')],
      rows: outcomes.map((outcome, level) => [
        shareInPercent(OFFERED_SHARES[level] ?? 0),
        vscode.l10n.t('{0} of {1}', whole(outcome.changes.length), whole(outcome.seen)),
        isFull(outcome, lastExit) ? percentage(0, 1) : bound(outcome),
        outcome.meanExit.toFixed(2),
        full ? percentage(full.milliseconds - outcome.milliseconds, full.milliseconds, 0) : '',
      ]),
      summaries: outcomes.map((outcome) => (full ? summaryOf(outcome, full, lastExit) : '')),
    },
    cautions: outcomes.map((outcome, level) => cautionOf(outcome, OFFERED_SHARES[level] ?? 0, lastExit)),
    examples: outcomes.map(({ changes }) => ({ heading: headingOf(changes), shown: changes.slice(0, MOST_EXAMPLES).flatMap((change) => exampleOf(change, comments[change.index])) })),
  };
}

/** Nothing of a level at which every text goes through to the last exit can differ. */
function isFull({ meanExit }: Outcome, lastExit: number): boolean {
  return meanExit === lastExit;
}

function summaryOf(outcome: Outcome, full: Outcome, lastExit: number): string {
  const { changes, seen, meanExit, milliseconds } = outcome;
  const time = vscode.l10n.t('{0} ms a comment', milliseconds.toFixed(2));
  if (isFull(outcome, lastExit)) {
    return vscode.l10n.t('At full depth, {0} of them are findings. Every comment goes through to exit {1}: {2}.', whole(seen), lastExit, time);
  }
  const counts = (['added', 'lost', 'relabelled'] as const).map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const).filter(([, count]) => count > 0);
  const kinds = counts.map(([kind, count]) => `${whole(count)} ${CHANGES[kind]()}`).join(', ');
  const share = seen === 0 ? vscode.l10n.t('{0} findings would differ, where the full model has none', whole(changes.length)) : vscode.l10n.t('{0} of {1} findings would differ ({2})', whole(changes.length), whole(seen), percentage(changes.length, seen));
  return [
    kinds === '' ? `${share}.` : `${share}: ${kinds}.`,
    vscode.l10n.t('Of all findings in comments like these, at most {0} differ (95% confidence).', bound(outcome)),
    vscode.l10n.t('Mean exit {0} of {1}.', meanExit.toFixed(2), lastExit),
    vscode.l10n.t('About {0} of the time saved: {1} instead of {2}.', percentage(full.milliseconds - milliseconds, full.milliseconds, 0), time, vscode.l10n.t('{0} ms', full.milliseconds.toFixed(2))),
  ].join(' ');
}

/** That the sample does not say enough of a level; nothing where it does. */
function cautionOf(outcome: Outcome, share: number, lastExit: number): string {
  const { seen } = outcome;
  if (isFull(outcome, lastExit)) {
    return '';
  }
  const needed = sampleToShow(share, COMMENT_DEBT.silentLabel);
  return seen >= needed ? '' : vscode.l10n.t('The sample is too small to show that {0} holds here: it has {1} findings, and even if none differs it takes {2}.', shareInPercent(share), whole(seen), whole(needed));
}

function bound({ highest }: Outcome): string {
  return `${(100 * Math.min(1, highest)).toFixed(1)}%`;
}

function headingOf(changes: readonly Change[]): string {
  if (changes.length === 0) {
    return vscode.l10n.t('No answer would change.');
  }
  return changes.length <= MOST_EXAMPLES ? vscode.l10n.t('Comments whose answer would change') : vscode.l10n.t('Comments whose answer would change, {0} of {1}', MOST_EXAMPLES, whole(changes.length));
}

const CHANGES = {
  added: () => vscode.l10n.t('added'),
  lost: () => vscode.l10n.t('lost'),
  relabelled: () => vscode.l10n.t('relabelled'),
};

function exampleOf({ kind, early, full }: Change, comment: SampledComment | undefined): Example[] {
  const change = vscode.l10n.t('{0}: {1}, in full {2}', CHANGES[kind](), answerTitle(COMMENT_DEBT, early), answerTitle(COMMENT_DEBT, full));
  return comment ? [{ text: comment.text.length > LONGEST_EXAMPLE ? `${comment.text.slice(0, LONGEST_EXAMPLE)}…` : comment.text, change, place: placeOf(comment) }] : [];
}

function percentage(part: number, of: number, digits = 1): string {
  return `${(of === 0 ? 0 : (100 * part) / of).toFixed(digits)}%`;
}

function whole(count: number): string {
  return count.toLocaleString(vscode.env.language);
}
