import type { Decision } from '../core/exits/decision';
import { ModelPackageError } from '../core/model/error';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { ClassifyRequest, CommentsRequest, Engine, ModelDescription, OnProgress, TaughtDescription } from './engine';

/**
 * Keeps answering when the model package that the user chose cannot be used: with the one that ships. Which of them answers is settled by
 * the first request that needs a model, and then stays: answers of two models are not to be mixed.
 */
export class FallbackEngine implements Engine {
  private settled: Promise<Engine> | undefined;

  /** @param onFault is told why the chosen package cannot be used. */
  constructor(
    private readonly chosen: Engine,
    private readonly shipped: Engine,
    private readonly onFault: (fault: string) => void,
  ) {}

  async describe(signal?: AbortSignal): Promise<ModelDescription> {
    return (await this.settle()).describe(signal);
  }

  async classify(request: ClassifyRequest, signal?: AbortSignal): Promise<Decision[]> {
    return (await this.settle()).classify(request, signal);
  }

  async teach(task: TaughtTask, signal?: AbortSignal, onProgress?: OnProgress): Promise<TaughtDescription> {
    return (await this.settle()).teach(task, signal, onProgress);
  }

  findComments(request: CommentsRequest, signal?: AbortSignal): Promise<CommentsFound> {
    return this.shipped.findComments(request, signal);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.chosen.dispose(), this.shipped.dispose()]);
  }

  private settle(): Promise<Engine> {
    if (!this.settled) {
      this.settled = this.choose();
      this.settled.catch(() => (this.settled = undefined));
    }
    return this.settled;
  }

  private async choose(): Promise<Engine> {
    try {
      await this.chosen.describe();
      return this.chosen;
    } catch (error) {
      if (!(error instanceof ModelPackageError)) {
        throw error;
      }
      this.onFault(error.message);
      return this.shipped;
    }
  }
}
