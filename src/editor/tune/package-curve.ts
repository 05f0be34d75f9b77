import * as vscode from 'vscode';
import { OFFERED_SHARES, shareInPercent } from '../../core/exits/promise';
import { promiseHere, type TaskDescription } from '../../engine/engine';
import type { Curve } from '../../webview/tune/messages';
import { percentage, whole } from './numbers';

/** What a promise is of. */
export type Of = TaskDescription['promise']['of'];

/** The curve that the package says was measured of a task: at every level, or nothing. */
export function packageCurve(task: TaskDescription): Curve | undefined {
  const { lastExit, quality, promise } = task;
  const found = OFFERED_SHARES.map((share) => levelOfPackage(share, task));
  const points = found.flatMap((point) => (point ? [point] : []));
  return points.length < found.length || !quality ? undefined : {
    title: vscode.l10n.t('The model package: mean exit, by the share of {0}', differing(promise.of)),
    legend: vscode.l10n.t('Diamond: this level. Dashed line: what it promises.'),
    ...axes(promise.of),
    lastExit,
    points: points.map(({ differs, meanExit, promised }) => ({ differs, meanExit, promised })),
    columns: [vscode.l10n.t('May differ'), vscode.l10n.t('Differed'), vscode.l10n.t('Mean exit')],
    rows: points.map(({ share, differs, meanExit }) => [shareInPercent(share), percentage(differs, 1), meanExit.toFixed(2)]),
    summaries: points.map(({ summary }) => summary),
  };
}

/** The names of a curve's axes. */
export function axes(of: Of): Pick<Curve, 'across' | 'up'> {
  return { across: differing(of), up: vscode.l10n.t('mean exit') };
}

/** What is counted of what a promise is of. */
export function differing(of: Of): string {
  return of === 'findings' ? vscode.l10n.t('findings that differ') : vscode.l10n.t('answers that differ');
}

/** The share that a level promises: less than was asked for where the package offers only less, and nothing at full depth. */
export function promisedShare(share: number, task: TaskDescription): number {
  const kept = promiseHere(share, task);
  return kept.kind === 'early' ? kept.maxDisagreement : 0;
}

function levelOfPackage(share: number, task: TaskDescription): { share: number; promised: number; differs: number; meanExit: number; summary: string } | undefined {
  const { lastExit, quality, promise } = task;
  const promised = promisedShare(share, task);
  if (promised === 0) {
    return { share, promised, differs: 0, meanExit: lastExit, summary: vscode.l10n.t('At full depth nothing differs, and every text goes through to exit {0}.', lastExit) };
  }
  const measured = quality?.promise.find(({ maxDisagreement }) => maxDisagreement === promised);
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
  return { share, promised, differs: changed, meanExit, summary: sentences.join(' ') };
}
