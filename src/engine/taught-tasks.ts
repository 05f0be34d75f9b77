import * as l10n from '@vscode/l10n';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Classifier } from '../core/classifier';
import type { Priority } from '../core/encoder-queue';
import type { ModelPackage } from '../core/model/model-package';
import { review } from '../core/teach/examples';
import type { TaughtTask } from '../core/teach/taught-task';
import { train, type TrainedTask, type TrainingSet } from '../core/teach/train';
import type { OnProgress } from './engine';
import { unlessAborted } from './unless-aborted';

/** Tasks that stay trained; the one that was not asked for longest goes. */
const KEPT = 8;

/** Most of the time goes into the examples' vectors. */
const VECTORS_SHARE = 0.8;

/** A training under way or done. */
interface Training {
  readonly trained: Promise<TrainedTask>;
  readonly controller: AbortController;
  /** Who wants to hear of its progress. Training for nobody is given up. */
  readonly waiting: Set<OnProgress>;
  isDone: boolean;
}

type Untrained = Pick<TrainingSet, 'id' | 'examples' | 'silentLabel'>;

/** The taught tasks of one model on one backend, trained when they are first asked for. */
export class TaughtTasks {
  private readonly trainings = new Map<string, Training>();

  /** @param segments of the encoder that can be run here: none without one. */
  constructor(
    private readonly model: ModelPackage,
    private readonly classifier: Classifier,
    private readonly segments: number,
  ) {}

  /**
   * A task with its heads. Those who ask for the same at the same time share one training.
   * @param priority of the training: whether somebody waits for it.
   * @throws {RangeError} with a message for the user when there are too few examples.
   */
  async get(task: TaughtTask, priority: Priority, signal?: AbortSignal, onProgress: OnProgress = () => undefined): Promise<TrainedTask> {
    signal?.throwIfAborted();
    const { examples, missing } = review(task);
    if (missing.length > 0) {
      throw new RangeError(l10n.t('"{0}" cannot be trained yet. {1}', task.title, missing.join(' ')));
    }
    const id = `taught-${bytesToHex(sha256(utf8ToBytes(JSON.stringify([task.silent, examples]))))}`;
    const training = this.recall(id) ?? this.begin({ id, examples, silentLabel: task.silent ?? undefined }, priority);
    // Each asker is told by a function of its own, so that they are told apart.
    const tell: OnProgress = (share) => onProgress(share);
    training.waiting.add(tell);
    try {
      return await unlessAborted(training.trained, signal);
    } finally {
      training.waiting.delete(tell);
      if (training.waiting.size === 0 && !training.isDone) {
        // Nobody is to join what is given up.
        this.trainings.delete(id);
        training.controller.abort();
      }
    }
  }

  private recall(id: string): Training | undefined {
    const known = this.trainings.get(id);
    if (known) {
      this.trainings.delete(id);
      this.trainings.set(id, known);
    }
    return known;
  }

  private begin(set: Untrained, priority: Priority): Training {
    const controller = new AbortController();
    const waiting = new Set<OnProgress>();
    const trained = this.train(set, priority, controller.signal, (share) => waiting.forEach((hear) => hear(share)));
    const training: Training = { trained, controller, waiting, isDone: false };
    this.trainings.set(set.id, training);
    trained.then(
      () => (training.isDone = true),
      // It can be tried again.
      () => this.trainings.get(set.id) === training && this.trainings.delete(set.id),
    );
    for (const oldest of [...this.trainings.keys()].slice(0, -KEPT)) {
      this.trainings.delete(oldest);
    }
    return training;
  }

  private async train(set: Untrained, priority: Priority, signal: AbortSignal, tell: OnProgress): Promise<TrainedTask> {
    const { segments } = this;
    const { embeddings, manifest } = this.model;
    const { maximumTokens } = manifest.encoder;
    const texts = set.examples.map(({ text }) => text);
    const vectors = await this.classifier.vectors({ texts, maximumTokens, segments, priority }, signal, (done) => tell((VECTORS_SHARE * done) / texts.length));
    return train({ ...set, maximumTokens }, vectors, embeddings, signal, (exits) => tell(VECTORS_SHARE + ((1 - VECTORS_SHARE) * exits) / (segments + 1)));
  }
}
