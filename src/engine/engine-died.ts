/** The engine's process ended before it answered. */
export class EngineDiedError extends Error {
  override readonly name = 'EngineDiedError';

  /** @param reason how it ended, to be read after a colon. */
  constructor(reason: string) {
    super(`The engine of Glance died: ${reason}`);
  }
}
