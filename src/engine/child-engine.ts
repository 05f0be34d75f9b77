import { fork, type ChildProcess } from 'node:child_process';
import * as l10n from '@vscode/l10n';
import { CancellationTokenSource, createMessageConnection, IPCMessageReader, IPCMessageWriter, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc/node';
import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { ClassifyRequest, CommentsRequest, Engine, EngineFiles, EngineOptions, ModelDescription, OnProgress, TaughtDescription } from './engine';
import { EngineDiedError } from './engine-died';
import { mayUseGpu } from './execution-provider';
import { Classify, Describe, engineArguments, Exit, FindComments, fromResponseError, ModelFault, Ping, Progress, Teach } from './protocol';
import { PATIENCE, Watchdog, type Patience } from './watchdog';

/** What is kept of the standard error of the engine's process, to say why it died. */
const STDERR_CHARACTERS = 2000;

/** Signals that native code brings upon itself. */
const FAULTS: ReadonlySet<NodeJS.Signals | null> = new Set(['SIGILL', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGABRT', 'SIGTRAP']);

/** From here on, exit statuses on Windows are of faults (NTSTATUS); 134 is Node.js's own when it aborts. */
const FAULT_STATUS = 0xc0000000;
const ABORT_STATUS = 134;

/** V8 keeps room for young objects; what batches leave behind dies at once, so that little room costs no time and saves some 30 MB. */
const ENGINE_OPTIONS = ['--max-semi-space-size=1'];

/**
 * For the allocator of Linux's C library, which others do not read: one heap for all threads, and what takes a megabyte or more goes back
 * to the system at once. It saves some 10 MB and costs no time.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: String(2 ** 20) };

/** How long a process may take to end, in milliseconds. */
const FAREWELL = 1000;

/** How an engine in a process of its own is set up beyond what every engine needs. */
export interface ChildOptions extends EngineOptions {
  /** Folder of the model package to use in place of `files.model`, as long as it can be used. */
  readonly chosenModel?: string | undefined;
  /** Hears why it cannot be. */
  readonly onModelFault?: (fault: string) => void;
  /** File with the translations of what the process says; without one it says it in English. */
  readonly translations?: string | undefined;
  /** With a process that does not answer; tests shorten it. */
  readonly patience?: Patience | undefined;
}

/** An engine in a forked process, so that neither its work nor its death is felt in this one. */
export class ChildEngine implements Engine {
  /** Resolves with the reason when the process has ended, asked to or not. */
  readonly ended: Promise<string>;
  /** See `MortalEngine`. */
  readonly mayUseGpu: boolean;
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  /** What to tell the requests under way when the process ends. */
  private readonly pending = new Set<(error: EngineDiedError) => void>();
  private readonly watchdog: Watchdog;
  /** How many tasks were taught: a number of its own tells each one's progress from the others'. */
  private teachings = 0;
  /** Why this process ended the other. */
  private verdict: string | undefined;

  /** @param serverFile the bundled `server.ts`. */
  constructor(serverFile: string, files: EngineFiles, { chosenModel, onModelFault, translations, patience = PATIENCE, ...options }: ChildOptions = {}) {
    this.mayUseGpu = !options.avoided && mayUseGpu(options.executionProvider ?? 'auto');
    this.child = fork(serverFile, engineArguments({ files, chosenModel, translations, options }), {
      execPath: process.execPath,
      // Options of this process (a debugger's port, say) are not for the child.
      execArgv: ENGINE_OPTIONS,
      env: engineEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.ended = reasonOfEnd(this.child).then((reason) => this.verdict ?? reason);
    this.connection = createMessageConnection(new IPCMessageReader(this.child), new IPCMessageWriter(this.child));
    // What could not be written is not answered: the process is of no more use, and `ended` tells those who wait.
    this.connection.onError(() => this.child.kill('SIGKILL'));
    this.connection.onNotification(ModelFault, (fault) => onModelFault?.(fault));
    this.connection.listen();
    this.watchdog = new Watchdog(
      async () => this.connection.sendRequest(Ping, null),
      (milliseconds) => {
        this.verdict = l10n.t('it gave no sign of life for {0} seconds', milliseconds / 1000);
        this.child.kill('SIGKILL');
      },
      patience,
    );
    void this.ended.then((reason) => {
      this.connection.dispose();
      this.pending.forEach((reject) => reject(new EngineDiedError(reason)));
    });
  }

  /** Identifier of the process; undefined when it could not be started. */
  get processId(): number | undefined {
    return this.child.pid;
  }

  /** Whether the process has ended by a fault of native code. */
  get crashed(): boolean {
    const { signalCode, exitCode } = this.child;
    return FAULTS.has(signalCode) || exitCode === ABORT_STATUS || (exitCode ?? 0) >= FAULT_STATUS;
  }

  describe(signal?: AbortSignal): Promise<ModelDescription> {
    return this.request((token) => this.connection.sendRequest(Describe, null, token), signal);
  }

  classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    return this.request((token) => this.connection.sendRequest(Classify, request, token), signal);
  }

  async teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    this.teachings += 1;
    const progressToken = this.teachings;
    const progress = this.connection.onProgress(Progress, progressToken, (share) => onProgress?.(share));
    try {
      return await this.request((token) => this.connection.sendRequest(Teach, { task, progressToken }, token), signal);
    } finally {
      progress.dispose();
    }
  }

  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.request((token) => this.connection.sendRequest(FindComments, request, token), signal);
  }

  /** Lets the process end by itself, in which it writes what it keeps; one that does not is ended. */
  async dispose(): Promise<void> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), FAREWELL);
    if (this.child.connected) {
      // Node.js never tells of the end of a process that was disconnected from here.
      this.connection.sendNotification(Exit).catch(() => undefined);
    }
    await this.ended;
    clearTimeout(timer);
  }

  /** @throws {EngineDiedError} when the process ends before it answers. */
  private async request<Response>(send: (token: CancellationToken) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    signal?.throwIfAborted();
    if (!this.child.connected) {
      throw new EngineDiedError(await this.ended);
    }
    const cancellation = new CancellationTokenSource();
    let giveUp: (error: Error) => void = () => undefined;
    const abort = (): void => {
      cancellation.cancel();
      giveUp(signal?.reason as Error);
    };
    try {
      return await new Promise<Response>((resolve, reject) => {
        giveUp = reject;
        this.pending.add(giveUp);
        this.watchdog.start();
        signal?.addEventListener('abort', abort, { once: true });
        send(cancellation.token).then(resolve, (error: unknown) => {
          // A request that failed because the channel closed is answered by the end of the process, with its reason.
          if (this.child.connected) {
            reject(fromResponseError(error));
          }
        });
      });
    } finally {
      this.pending.delete(giveUp);
      if (this.pending.size === 0) {
        this.watchdog.stop();
      }
      signal?.removeEventListener('abort', abort);
      cancellation.dispose();
    }
  }
}

/** The environment for the processes of the engine: runs Electron as Node.js, and keeps out what was meant for this process. */
export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...ALLOCATOR, ...environment, NODE_OPTIONS: undefined, ELECTRON_RUN_AS_NODE: '1', ORT_DISABLE_TELEMETRY: '1' };
}

function reasonOfEnd(child: ChildProcess): Promise<string> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS);
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      // Later errors are of single messages; the connection hears of those.
      if (child.pid === undefined) {
        resolve(l10n.t('it could not be started ({0})', error.message));
      }
    });
    child.once('close', (code, signal) => {
      const how = signal === null ? l10n.t('exit status {0}', String(code)) : l10n.t('signal {0}', signal);
      const last = stderr.trim().split('\n').at(-1);
      resolve(last ? l10n.t('it ended with {0}: {1}', how, last) : l10n.t('it ended with {0}', how));
    });
  });
}
