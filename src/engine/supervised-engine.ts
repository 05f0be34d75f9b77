import * as l10n from '@vscode/l10n';
import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { Avoided, ClassifyRequest, CommentsRequest, Engine, ModelDescription, OnProgress, TaughtDescription } from './engine';
import { EngineDiedError } from './engine-died';
import { unlessAborted } from './unless-aborted';

/** An engine that can die. */
export interface MortalEngine extends Engine {
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<string>;
  /** Once it has ended: whether that was a fault of native code, as against being told to end or killed. */
  readonly crashed?: boolean;
  /** Whether a graphics card may run its encoder. */
  readonly mayUseGpu?: boolean;
}

/** What the engine is doing, for people. */
export type EngineState =
  | { readonly kind: 'off' }
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly reason: string; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Pause before each restart after deaths in a row, in milliseconds. When they are used up, the engine has failed. */
const BACK_OFF = [0, 500, 1000, 2000, 4000, 8000] as const;

/** How often one request is given to an engine that dies over it, before it is given up. */
const ATTEMPTS = 4;

/**
 * How often in a row engines may crash without an answer in between, as when they load the native library, until one is started without what may be
 * to blame. Each crash more takes away more, so that a request is answered before it has used up its attempts.
 */
const CRASHES = 2;

/**
 * Keeps an engine at hand: starts it when the first request comes, starts it anew with growing pauses when it dies, and sends
 * again what it had not answered: no request of an engine changes anything, so all are safe to repeat. What was under way at a
 * death is repeated one request at a time, so that one which kills engines is told from those that were merely near it.
 */
export class SupervisedEngine implements Engine {
  private current: MortalEngine | undefined;
  private starting: Promise<MortalEngine> | undefined;
  private deaths = 0;
  private crashes = 0;
  /** Requests under way that take the model. */
  private askingModel = 0;
  /** What engines are started without. */
  private avoided: Avoided | undefined;
  private lastReason = '';
  private disposed = false;
  /** Settles when the last of the requests that are repeated has its answer. */
  private repeats: Promise<unknown> = Promise.resolve();
  /** Ends a pause before its time. */
  private hurry = new AbortController();

  /**
   * @param start starts an engine, without what it is given.
   * @param onState hears of every change of state.
   * @param backOff pauses in milliseconds; tests shorten them.
   */
  constructor(
    private readonly start: (avoided: Avoided | undefined) => MortalEngine,
    private readonly onState: (state: EngineState) => void = () => undefined,
    private readonly backOff: readonly number[] = BACK_OFF,
  ) {}

  async describe(signal?: AbortSignal): Promise<ModelDescription> {
    return this.withModel((engine) => engine.describe(signal), signal);
  }

  async classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    return this.withModel((engine) => engine.classify(request, signal), signal);
  }

  async teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    return this.withModel((engine) => engine.teach(task, signal, onProgress), signal);
  }

  /** Does not count as a sign of health: it needs no native library, which is what engines die of. */
  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.withEngine((engine) => engine.findComments(request, signal), signal);
  }

  /** Ends the running engine; the next request starts a new one, also after it had failed for good. */
  async restart(): Promise<void> {
    const engine = this.current;
    this.current = undefined;
    this.deaths = 0;
    this.crashes = 0;
    this.avoided = undefined;
    this.onState({ kind: 'off' });
    this.hurry.abort();
    this.hurry = new AbortController();
    await engine?.dispose();
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.hurry.abort();
    const engine = this.current;
    this.current = undefined;
    await engine?.dispose();
  }

  /** Asks for something that takes the model, and with it the native library. */
  private async withModel<Response>(ask: (engine: Engine) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    this.askingModel += 1;
    try {
      const response = await this.withEngine(ask, signal);
      this.deaths = 0;
      this.crashes = 0;
      return response;
    } finally {
      this.askingModel -= 1;
    }
  }

  /** Waits neither for a pause nor for the repetitions of others once nobody wants the answer any more. */
  private withEngine<Response>(ask: (engine: Engine) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    return unlessAborted(this.persist(ask, signal), signal);
  }

  private async persist<Response>(ask: (engine: Engine) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    try {
      return await this.attempt(ask, signal);
    } catch (error) {
      this.throwUnlessDied(error);
      const repeated = this.repeats.then(() => this.repeat(ask, signal));
      this.repeats = repeated.catch(() => undefined);
      return repeated;
    }
  }

  private async attempt<Response>(ask: (engine: Engine) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    signal?.throwIfAborted();
    return ask(await this.running());
  }

  /** Every attempt but the first, which has failed. */
  private async repeat<Response>(ask: (engine: Engine) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    for (let attempt = 2; attempt <= ATTEMPTS; attempt += 1) {
      try {
        return await this.attempt(ask, signal);
      } catch (error) {
        this.throwUnlessDied(error);
      }
    }
    throw new Error(l10n.t('The engine of Glance died {0} times over the same request, which is given up; the last time {1}.', ATTEMPTS, this.lastReason));
  }

  /** @throws what is no death that the next engine can make up for. */
  private throwUnlessDied(error: unknown): void {
    if (!(error instanceof EngineDiedError) || this.disposed) {
      throw error;
    }
  }

  /** The running engine, started if need be. All requests that wait share one start. */
  private running(): Promise<MortalEngine> {
    if (this.disposed) {
      return Promise.reject(new Error(l10n.t('The engine was shut down.')));
    }
    if (this.current) {
      return Promise.resolve(this.current);
    }
    this.starting ??= this.startAfterPause().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async startAfterPause(): Promise<MortalEngine> {
    const pause = this.backOff[this.deaths];
    if (pause === undefined) {
      this.onState({ kind: 'failed', reason: this.lastReason });
      throw new Error(l10n.t('The engine of Glance died {0} times in a row; the last time {1}. It rests until it is restarted.', this.deaths, this.lastReason));
    }
    if (pause > 0) {
      this.onState({ kind: 'waiting', reason: this.lastReason, milliseconds: pause });
      await sleep(pause, this.hurry.signal);
    }
    if (this.disposed) {
      throw new Error(l10n.t('The engine was shut down.'));
    }
    const engine = this.start(this.avoided);
    this.current = engine;
    this.onState({ kind: 'running' });
    void engine.ended.then((reason) => {
      // An engine that was disposed of is no longer current.
      if (this.current === engine) {
        this.current = undefined;
        this.deaths += 1;
        this.lastReason = reason;
        this.noteCrash(engine, reason);
        this.onState({ kind: 'off' });
      }
    });
    return engine;
  }

  /** A crash while nothing but comments was looked for is neither a graphics card's nor the native library's. */
  private noteCrash({ crashed, mayUseGpu }: MortalEngine, reason: string): void {
    if (crashed && this.askingModel > 0) {
      this.crashes += 1;
      if (this.crashes >= CRASHES && this.avoided?.what !== 'native') {
        this.avoided = { what: mayUseGpu ? 'gpu' : 'native', reason: `it crashed the engine ${this.crashes} times in a row: ${reason}` };
      }
    }
  }
}

/** Waits, unless a signal ends the pause before its time. */
function sleep(milliseconds: number, hurry: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    hurry.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
