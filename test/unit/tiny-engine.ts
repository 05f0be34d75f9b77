import { setImmediate } from 'node:timers/promises';
import type { SegmentOutput } from '../../src/core/backend';
import { Classifier } from '../../src/core/classifier';
import type { Decision } from '../../src/core/exits/decision';
import type { CommentsFound } from '../../src/core/sources/comments/comments';
import type { ClassifyRequest, Engine, ModelDescription } from '../../src/engine/engine';
import { TinyBackend, tinyPackage } from './tiny-package';

/** A text that ends the process that classifies it. */
export const DEADLY = 'deadly';

/** Gives way to other work after each segment, as ONNX Runtime does. */
class YieldingBackend extends TinyBackend {
  override async run(...batch: Parameters<TinyBackend['run']>): Promise<SegmentOutput> {
    await setImmediate();
    return super.run(...batch);
  }
}

/** An engine on the tiny package, which starts in no time and classifies in full. */
export class TinyEngine implements Engine {
  private readonly model = tinyPackage();
  private readonly classifier = this.model.then((model) => new Classifier(model, new YieldingBackend()));

  async describe(): Promise<ModelDescription> {
    const { name, version } = (await this.model).manifest;
    return { name, version, backend: 'tiny', notTaken: [], degraded: false, tasks: [] };
  }

  async classify({ texts }: ClassifyRequest): Promise<Decision[]> {
    if (texts.includes(DEADLY)) {
      process.kill(process.pid, 'SIGKILL');
    }
    const task = (await this.model).tasks.get('tiny-task');
    return task ? (await this.classifier).classify({ texts, task, policy: { kind: 'full' }, priority: 'scan' }) : [];
  }

  findComments(): Promise<CommentsFound> {
    return Promise.resolve({ snippets: [], ignored: 0, foundBy: 'grammar' });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
