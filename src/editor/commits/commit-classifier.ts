import * as vscode from 'vscode';
import type { Decision } from '../../core/exits/decision';
import type { KeptPromise } from '../../core/exits/promise';
import { textOf } from '../../core/sources/commits/commit-message';
import { COMMIT_TYPE } from '../../core/tasks/commit-type';
import { promiseHere, type Engine } from '../../engine/engine';
import type { Settings } from '../settings';
import type { SituatedMessage } from './situated-message';

/** A type and how probable it is. */
export interface RankedLabel {
  readonly label: string;
  readonly probability: number;
}

/** What the model says of a message. */
export interface ClassifiedType {
  readonly decision: Decision;
  /** What the decision promises, where it was to keep a promise. */
  readonly promise: KeptPromise | undefined;
  /** Every type, the decision's first. */
  readonly ranking: readonly RankedLabel[];
}

/** Asks the engine for the types of commits. */
export class CommitClassifier {
  constructor(
    private readonly engine: Engine,
    private readonly settings: Settings,
  ) {}

  /** Rejects as the engine does. */
  async classify({ message, paths, scope }: Pick<SituatedMessage, 'message' | 'paths' | 'scope'>, signal?: AbortSignal): Promise<ClassifiedType> {
    const policy = this.settings.policy(scope);
    const [decision] = await this.engine.classify({ task: COMMIT_TYPE.id, texts: [COMMIT_TYPE.prepare({ text: textOf(message), paths })], policy }, signal);
    const task = (await this.engine.describe(signal)).tasks.find(({ id }) => id === COMMIT_TYPE.id);
    if (!decision || !task) {
      throw new Error(vscode.l10n.t('The engine gave no answer of the task {0}.', COMMIT_TYPE.id));
    }
    const probabilities = decision.trace.at(-1)?.probabilities ?? [];
    const ranking = task.labels.map((label, index) => ({ label, probability: probabilities[index] ?? 0 })).sort((a, b) => b.probability - a.probability);
    return { decision, promise: policy.kind === 'promise' ? promiseHere(policy.maxDisagreement, task) : undefined, ranking };
  }
}
