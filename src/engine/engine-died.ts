import * as l10n from '@vscode/l10n';

/** The engine's process ended before it answered. */
export class EngineDiedError extends Error {
  override readonly name = 'EngineDiedError';

  /** @param reason how it ended, to be read after a colon. */
  constructor(reason: string) {
    super(l10n.t('The engine of Glance died: {0}', reason));
  }
}
