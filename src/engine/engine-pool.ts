import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { ClassifyRequest, CommentsRequest, Engine, ModelDescription, OnProgress, TaughtDescription } from './engine';

interface Member {
  readonly engine: Engine;
  /** Requests under way. */
  pending: number;
  /** Those of them that classify. */
  classifying: number;
}

/** Requests to classify that an engine is given at a time: texts of one length from all of them go through the encoder together, twice as many as of one request. */
export const REQUESTS_AT_A_TIME = 4;

/** How long a job must have gone on before another engine is opened for it, in milliseconds: about what opening one costs, so that a short job is not the slower for it. */
const LARGE_JOB = 500;

/**
 * Several engines as one, for scans: each request goes to the engine that has least to do. Another is opened when texts are to be
 * classified while all those there are at work and have been for some time; requests go to it once it is ready.
 */
export class EnginePool implements Engine {
  private readonly members: Member[] = [];
  /** Opens the next engine; never fails. */
  private opening: Promise<void> | undefined;
  /** Ends that. */
  private readonly closing = new AbortController();
  /** When the first texts were to be classified; a moment of `performance.now()`. */
  private started: number | undefined;
  /** Starts the requests to classify that wait for an engine, the oldest first. */
  private readonly waiting: ((member: Member) => void)[] = [];

  /**
   * @param size most engines to open. One takes more than a core by itself (what V8 and ONNX Runtime do beside it), so that a second
   * does not double the speed on two cores.
   * @param open opens the engine with this number, from 0.
   * @param largeJob see {@link LARGE_JOB}; tests shorten it.
   */
  constructor(
    private size: number,
    private readonly open: (number: number) => Engine,
    private readonly largeJob = LARGE_JOB,
  ) {}

  describe(signal?: AbortSignal): Promise<ModelDescription> {
    return this.run((engine) => engine.describe(signal));
  }

  async classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    this.started ??= performance.now();
    const member = await new Promise<Member>((start) => {
      this.waiting.push(start);
      this.startWaiting();
    });
    try {
      return await this.run((engine) => engine.classify(request, signal), member);
    } finally {
      member.classifying -= 1;
      this.startWaiting();
    }
  }

  teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    return this.run((engine) => engine.teach(task, signal, onProgress));
  }

  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.run((engine) => engine.findComments(request, signal));
  }

  async dispose(): Promise<void> {
    this.closing.abort();
    await this.opening;
    await Promise.all(this.members.map(({ engine }) => engine.dispose()));
  }

  private async run<Response>(request: (engine: Engine) => Promise<Response>, member = this.leastBusy()): Promise<Response> {
    member.pending += 1;
    try {
      return await request(member.engine);
    } finally {
      member.pending -= 1;
    }
  }

  /** Gives waiting requests to engines that have room. What waits in the pool is there for one that is opened later. */
  private startWaiting(): void {
    for (;;) {
      const member = this.leastBusy('classifying');
      const start = member.classifying < REQUESTS_AT_A_TIME ? this.waiting.shift() : undefined;
      if (!start) {
        break;
      }
      member.classifying += 1;
      start(member);
    }
    if (this.waiting.length > 0 && this.members.length < this.size && performance.now() - (this.started ?? 0) >= this.largeJob) {
      this.opening ??= this.openAnother();
    }
  }

  private leastBusy(by: 'pending' | 'classifying' = 'pending'): Member {
    const [least = this.first()] = [...this.members].sort((a, b) => a[by] - b[by]);
    return least;
  }

  private first(): Member {
    const member: Member = { engine: this.open(0), pending: 0, classifying: 0 };
    this.members.push(member);
    return member;
  }

  /** One that cannot be opened is done without, and no other is tried. */
  private async openAnother(): Promise<void> {
    const engine = this.open(this.members.length);
    try {
      await engine.describe(this.closing.signal);
      this.members.push({ engine, pending: 0, classifying: 0 });
    } catch {
      this.size = this.members.length;
      await engine.dispose();
    }
    this.opening = undefined;
    this.startWaiting();
  }
}
