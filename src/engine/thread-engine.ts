import * as l10n from '@vscode/l10n';
import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { ClassifyRequest, CommentsRequest, Engine, ModelDescription, OnProgress, TaughtDescription } from './engine';
import { EngineDiedError } from './engine-died';
import type { MortalEngine } from './supervised-engine';
import { unlessAborted } from './unless-aborted';

/**
 * An engine in this thread that may be ended while it is at work, as an engine in a process of its own may: requests under way are told so at once, and
 * another engine can answer them. What the ended one may still come to is nobody's: its model has been let go.
 */
export class ThreadEngine implements MortalEngine {
  private readonly end = new AbortController();
  /** See `MortalEngine`. */
  readonly ended = new Promise<string>((resolve) => this.end.signal.addEventListener('abort', () => resolve(l10n.t('it was ended')), { once: true }));

  /** @param engine what works; it ends with this one. */
  constructor(private readonly engine: Engine) {}

  describe(signal?: AbortSignal): Promise<ModelDescription> {
    return this.unlessEnded(() => this.engine.describe(signal));
  }

  classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    return this.unlessEnded(() => this.engine.classify(request, signal));
  }

  teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    return this.unlessEnded(() => this.engine.teach(task, signal, onProgress));
  }

  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.unlessEnded(() => this.engine.findComments(request, signal));
  }

  async dispose(): Promise<void> {
    this.end.abort(new EngineDiedError(l10n.t('it was ended')));
    await this.engine.dispose();
  }

  /** @throws {EngineDiedError} when the engine ends before it answers. */
  private async unlessEnded<Response>(ask: () => Promise<Response>): Promise<Response> {
    this.end.signal.throwIfAborted();
    return unlessAborted(ask(), this.end.signal);
  }
}
