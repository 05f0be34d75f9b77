import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { ClassifyRequest, CommentsRequest, Engine, ModelDescription } from './engine';

interface Member {
  readonly engine: Engine;
  /** Requests under way. */
  pending: number;
}

/**
 * Several engines as one, for scans: each request goes to the engine that has least to do. Engines are opened when those there
 * are busy, so that a small job is done by the first alone.
 */
export class EnginePool implements Engine {
  private readonly members: Member[] = [];

  /**
   * @param size most engines to open; two engines with a thread each do nearly twice the work of one, one with two threads a
   * fifth more.
   * @param open opens the engine with this number, from 0.
   */
  constructor(
    readonly size: number,
    private readonly open: (number: number) => Engine,
  ) {}

  describe(signal?: AbortSignal): Promise<ModelDescription> {
    return this.run((engine) => engine.describe(signal));
  }

  classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    return this.run((engine) => engine.classify(request, signal));
  }

  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.run((engine) => engine.findComments(request, signal));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.members.map(({ engine }) => engine.dispose()));
  }

  private async run<Response>(request: (engine: Engine) => Promise<Response>): Promise<Response> {
    const member = this.leastBusy();
    member.pending += 1;
    try {
      return await request(member.engine);
    } finally {
      member.pending -= 1;
    }
  }

  private leastBusy(): Member {
    const [least] = [...this.members].sort((a, b) => a.pending - b.pending);
    if (least && (least.pending === 0 || this.members.length >= this.size)) {
      return least;
    }
    const member: Member = { engine: this.open(this.members.length), pending: 0 };
    this.members.push(member);
    return member;
  }
}
