import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { ClassifyRequest, CommentsRequest, Engine, ModelDescription, OnProgress, TaughtDescription } from './engine';

interface Member {
  readonly engine: Engine;
  /** Requests under way. */
  pending: number;
}

/**
 * Several engines as one, for scans: each request goes to the engine that has least to do. Another is opened when texts are to be
 * classified while all those there are at work, so that a job of few texts is done by the first alone.
 */
export class EnginePool implements Engine {
  private readonly members: Member[] = [];

  /**
   * @param size most engines to open; two engines with a thread each do nearly twice the work of one, one with two threads a
   * fifth more.
   * @param open opens the engine with this number, from 0.
   */
  constructor(
    private readonly size: number,
    private readonly open: (number: number) => Engine,
  ) {}

  describe(signal?: AbortSignal): Promise<ModelDescription> {
    return this.run(this.leastBusy() ?? this.another(), (engine) => engine.describe(signal));
  }

  classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    const least = this.leastBusy();
    return this.run(least && (least.pending === 0 || this.members.length >= this.size) ? least : this.another(), (engine) => engine.classify(request, signal));
  }

  teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    return this.run(this.leastBusy() ?? this.another(), (engine) => engine.teach(task, signal, onProgress));
  }

  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.run(this.leastBusy() ?? this.another(), (engine) => engine.findComments(request, signal));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.members.map(({ engine }) => engine.dispose()));
  }

  private async run<Response>(member: Member, request: (engine: Engine) => Promise<Response>): Promise<Response> {
    member.pending += 1;
    try {
      return await request(member.engine);
    } finally {
      member.pending -= 1;
    }
  }

  private leastBusy(): Member | undefined {
    return [...this.members].sort((a, b) => a.pending - b.pending)[0];
  }

  private another(): Member {
    const member: Member = { engine: this.open(this.members.length), pending: 0 };
    this.members.push(member);
    return member;
  }
}
