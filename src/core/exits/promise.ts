import * as l10n from '@vscode/l10n';
import type { TaskManifest } from '../model/manifest';

/** The shares that a user chooses among, from exact to fastest: those of `glance.maxDisagreement`, which is in percent. */
export const OFFERED_SHARES: readonly number[] = [0, 0.005, 0.01, 0.02, 0.05, 0.1];

/** What a model package says about promises for a task. */
export type PromiseTerms = Pick<TaskManifest, 'defaults' | 'promise'>;

/**
 * What keeps the promise that at most some share of what the user sees differs from the full model's answers:
 *
 * - `early`: a certainty threshold, chosen on calibration data (Learn then Test, arXiv 2110.01052). With probability
 *   `confidence` over the choice of that data, at most the share `maxDisagreement` differs.
 * - `full`: full depth, as asked for.
 * - `unsupported`: full depth, since the calibration data cannot support `maxDisagreement`, or, where no share was asked for,
 *   any at all; `smallest` is the least share that it can, if any.
 * - `no-encoder`: nothing; exit 0 answers alone.
 */
export type KeptPromise =
  | { readonly kind: 'early'; readonly certainty: number; readonly maxDisagreement: number; readonly confidence: number; readonly of: TaskManifest['promise']['of'] }
  | { readonly kind: 'full' }
  | { readonly kind: 'unsupported'; readonly maxDisagreement: number | undefined; readonly smallest: number | undefined }
  | { readonly kind: 'no-encoder' };

/**
 * What a model package does to keep a promise.
 * @param maxDisagreement greatest share, from 0 to 1, of what the user sees that may differ; by default what the package recommends.
 * @throws {RangeError} with a message for the user when it is no such share.
 */
export function keepPromise(maxDisagreement: number | undefined, { defaults, promise }: PromiseTerms): KeptPromise {
  const asked = maxDisagreement ?? defaults.maxDisagreement;
  if (!(asked >= 0 && asked <= 1)) {
    throw new RangeError(l10n.t("The share of answers that may differ from the full model's is from 0% to 100%: not {0}.", shareInPercent(asked)));
  }
  if (maxDisagreement === undefined && promise.levels.length === 0) {
    return { kind: 'unsupported', maxDisagreement, smallest: undefined };
  }
  if (asked === 0) {
    return { kind: 'full' };
  }
  const level = promise.levels.findLast((candidate) => candidate.maxDisagreement <= asked);
  return level
    ? { kind: 'early', ...level, confidence: promise.confidence, of: promise.of }
    : { kind: 'unsupported', maxDisagreement: asked, smallest: promise.levels[0]?.maxDisagreement };
}

/** A promise in words, for its user. */
export function describePromise(kept: KeptPromise): string {
  switch (kept.kind) {
    case 'early': {
      const shares = [shareInPercent(kept.confidence), shareInPercent(kept.maxDisagreement)];
      return kept.of === 'findings'
        ? l10n.t("With {0} confidence, at most {1} of the findings differ from the full model's.", ...shares)
        : l10n.t("With {0} confidence, at most {1} of the answers differ from the full model's.", ...shares);
    }
    case 'full':
      return l10n.t("Full depth: every answer is the full model's.");
    case 'unsupported': {
      if (kept.maxDisagreement === undefined) {
        return l10n.t('The model runs at full depth: its calibration data supports no promise below it.');
      }
      const asked = shareInPercent(kept.maxDisagreement);
      return kept.smallest === undefined
        ? l10n.t('The model runs at full depth: its calibration data cannot support {0}. It supports no promise below full depth.', asked)
        : l10n.t('The model runs at full depth: its calibration data cannot support {0}. The smallest promise below full depth is {1}.', asked, shareInPercent(kept.smallest));
    }
    case 'no-encoder':
      return l10n.t('No promise is kept: exit 0 answers alone.');
  }
}

/** A promise in words, for a user who has asked for this share: a model package that does not offer it keeps the next smaller one. */
export function describeAskedPromise(asked: number, kept: KeptPromise): string {
  const description = describePromise(kept);
  return kept.kind === 'early' && kept.maxDisagreement < asked
    ? `${l10n.t('The model package does not offer {0} here, and keeps the next smaller promise.', shareInPercent(asked))} ${description}`
    : description;
}

/** A share from 0 to 1 in percent, "0.5%", without the digits that rounding adds. */
export function shareInPercent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}
