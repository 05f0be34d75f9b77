import * as vscode from 'vscode';
import { OFFERED_SHARES, shareInPercent } from '../../core/exits/promise';
import { excerptOf } from '../../core/findings/finding';
import { answerTitle } from '../../core/tasks/describe';
import type { Task } from '../../core/tasks/task';
import { sampleToShow, type Change, type Outcome } from '../../core/tuning/outcome';
import type { TaskDescription } from '../../engine/engine';
import type { Example, WorkspaceView } from '../../webview/tune/messages';
import type { Kind } from './kinds';
import type { Measurement } from './measurement';
import { percentage, whole } from './numbers';
import { axes, differing, promisedShare, type Of } from './package-curve';
import type { SampledText } from './sample';
import type { MeasurementState } from './task-measurement';

/** Examples of a level that are listed. */
const MOST_EXAMPLES = 50;

/** Characters of an example: what is longer is told by its beginning. */
const LONGEST_EXAMPLE = 200;

/** What a level does to the sample. */
interface LevelHere {
  readonly outcome: Outcome;
  /** That the level stands for. */
  readonly share: number;
  /** That the model package promises for it: 0 at full depth, where nothing can differ. */
  readonly promised: number;
}

/** What is known of a task's texts in the workspace, in words. */
export function workspaceView(task: Task, kind: Kind, described: TaskDescription, state: MeasurementState): WorkspaceView {
  const measure = kind.measure();
  switch (state.kind) {
    case 'none':
      return { kind: 'none', text: state.reason ?? kind.offer(), measure };
    case 'running': {
      const { step, done, total } = state.progress;
      const text = step === 'finding' ? kind.finding(whole(done), whole(total)) : vscode.l10n.t('Classifying: {0} of {1} texts', whole(done), whole(total));
      return { kind: 'running', text, progress: (step === 'finding' ? 0 : 0.5) + (0.5 * done) / Math.max(1, total) };
    }
    case 'measured': {
      const { measurement, at } = state;
      const texts = (measurement.complete ? kind.all : kind.some)(whole(measurement.texts.length), measurement.from);
      const text = `${texts}, ${vscode.l10n.t('measured at {0}.', at.toLocaleTimeString(vscode.env.language))}`;
      return { kind: 'measured', text, measure, ...curveAndMore(task, kind, described, measurement) };
    }
  }
}

function curveAndMore(task: Task, kind: Kind, described: TaskDescription, { texts, lastExit, outcomes }: Measurement): Pick<Extract<WorkspaceView, { kind: 'measured' }>, 'curve' | 'cautions' | 'examples'> {
  const { of } = described.promise;
  const full = outcomes[0];
  const levels = outcomes.map((outcome, level): LevelHere => {
    const share = OFFERED_SHARES[level] ?? 0;
    return { outcome, share, promised: promisedShare(share, described) };
  });
  return {
    curve: {
      title: vscode.l10n.t('Your workspace: mean exit, by the share of {0}', differing(of)),
      legend: vscode.l10n.t('Diamond: this level. Dashed line: what it promises. Bar: up to where the share may be, of texts like these.'),
      ...axes(of),
      lastExit,
      points: levels.map(({ outcome: { share, highest, meanExit }, promised }) => ({ differs: share, meanExit, promised, ...(promised > 0 && Number.isFinite(highest) && { highest }) })),
      columns: [vscode.l10n.t('May differ'), vscode.l10n.t('Would differ'), vscode.l10n.t('At most, with 95% confidence'), vscode.l10n.t('Mean exit'), vscode.l10n.t('Time saved')],
      rows: levels.map(({ outcome, share, promised }) => [
        shareInPercent(share),
        vscode.l10n.t('{0} of {1}', whole(outcome.changes.length), whole(outcome.seen)),
        promised === 0 ? percentage(0, 1) : bound(outcome),
        outcome.meanExit.toFixed(2),
        full ? percentage(full.milliseconds - outcome.milliseconds, full.milliseconds, 0) : '',
      ]),
      summaries: levels.map((level) => (full ? summaryOf(level, full, lastExit, of) : '')),
    },
    cautions: levels.map((level) => cautionOf(level, task, of)),
    examples: outcomes.map(({ changes }) => ({ heading: headingOf(changes, kind), shown: changes.slice(0, MOST_EXAMPLES).flatMap((change) => exampleOf(task, change, texts[change.index])) })),
  };
}

function summaryOf({ outcome, promised }: LevelHere, full: Outcome, lastExit: number, of: Of): string {
  const { meanExit, milliseconds, seen } = outcome;
  const time = vscode.l10n.t('{0} ms a text', milliseconds.toFixed(2));
  if (promised === 0) {
    const throughout = vscode.l10n.t('Every text goes through to exit {0}: {1}.', lastExit, time);
    return of === 'findings' ? `${vscode.l10n.t('At full depth, {0} of them are findings.', whole(seen))} ${throughout}` : `${vscode.l10n.t('At full depth nothing differs.')} ${throughout}`;
  }
  return [
    of === 'findings' ? findingsThatDiffer(outcome) : answersThatDiffer(outcome),
    vscode.l10n.t('Mean exit {0} of {1}.', meanExit.toFixed(2), lastExit),
    vscode.l10n.t('About {0} of the time saved: {1} instead of {2}.', percentage(full.milliseconds - milliseconds, full.milliseconds, 0), time, vscode.l10n.t('{0} ms', full.milliseconds.toFixed(2))),
  ].join(' ');
}

function findingsThatDiffer(outcome: Outcome): string {
  const { changes, seen } = outcome;
  const counts = (['added', 'lost', 'relabelled'] as const).map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const).filter(([, count]) => count > 0);
  const kinds = counts.map(([kind, count]) => `${whole(count)} ${CHANGES[kind]()}`).join(', ');
  const share = seen === 0 ? vscode.l10n.t('{0} findings would differ, where the full model has none', whole(changes.length)) : vscode.l10n.t('{0} of {1} findings would differ ({2})', whole(changes.length), whole(seen), percentage(changes.length, seen));
  return `${kinds === '' ? `${share}.` : `${share}: ${kinds}.`} ${vscode.l10n.t('Of all findings in texts like these, at most {0} differ (95% confidence).', bound(outcome))}`;
}

function answersThatDiffer(outcome: Outcome): string {
  const { changes, seen } = outcome;
  const share = vscode.l10n.t('{0} of {1} answers would differ ({2}).', whole(changes.length), whole(seen), percentage(changes.length, seen));
  return `${share} ${vscode.l10n.t('Of all answers for texts like these, at most {0} differ (95% confidence).', bound(outcome))}`;
}

/** That the sample does not say enough of a level; nothing where it does. */
function cautionOf({ outcome: { seen }, promised }: LevelHere, { silentLabel }: Task, of: Of): string {
  const needed = promised === 0 ? 0 : sampleToShow(promised, silentLabel);
  if (seen >= needed) {
    return '';
  }
  const [percent, has, takes] = [shareInPercent(promised), whole(seen), whole(needed)];
  return of === 'findings'
    ? vscode.l10n.t('The sample is too small to show that {0} holds here: it has {1} findings, and even if none differs it takes {2}.', percent, has, takes)
    : vscode.l10n.t('The sample is too small to show that {0} holds here: it has {1} answers, and even if none differs it takes {2}.', percent, has, takes);
}

function bound({ highest }: Outcome): string {
  // Rounded up: it is an upper bound.
  return `${(Math.ceil(1000 * Math.min(1, highest)) / 10).toFixed(1)}%`;
}

function headingOf(changes: readonly Change[], kind: Kind): string {
  if (changes.length === 0) {
    return vscode.l10n.t('No answer would change.');
  }
  return changes.length <= MOST_EXAMPLES ? kind.changed() : kind.changedInPart(whole(MOST_EXAMPLES), whole(changes.length));
}

const CHANGES = {
  added: () => vscode.l10n.t('added'),
  lost: () => vscode.l10n.t('lost'),
  relabelled: () => vscode.l10n.t('relabelled'),
};

function exampleOf(task: Task, { kind, early, full }: Change, text: SampledText | undefined): Example[] {
  const change = vscode.l10n.t('{0}, in full {1}', answerTitle(task, early), answerTitle(task, full));
  // Where no label is silent, an answer can only be another.
  const toldApart = task.silentLabel === undefined ? change : `${CHANGES[kind]()}: ${change}`;
  return text ? [{ text: excerptOf(text.excerpt.replace(/\s+/gu, ' ').trim(), LONGEST_EXAMPLE), change: toldApart, place: text.place }] : [];
}
