import { certaintyFeatures } from '../exits/certainty';
import { answerOf, isSameAnswer, type ExitAnswer } from '../exits/decision';
import { ONE_LABEL } from '../exits/labelling';
import type { CertaintyHead } from '../model/certainty-head';
import type { Embeddings } from '../model/embeddings';
import type { TaskManifest } from '../model/manifest';
import type { ModelTask } from '../model/model-package';
import { nextTurn } from '../next-turn';
import { fitCertainty } from './certainty';
import { estimate, type Estimate } from './estimate';
import { groupsOf } from './examples';
import { joined, JoinedHeads } from './joined-heads';
import { fitHead, type FittedHead } from './ridge';
import type { Example } from './taught-task';

/** Examples to train a task on. */
export interface TrainingSet {
  /** Identifies the task and its examples: answers of heads trained on others differ. */
  readonly id: string;
  /** As the model reads them, each but once; two labels or more. */
  readonly examples: readonly Example[];
  readonly silentLabel: string | undefined;
  /** Longest input in tokens that the vectors were made of. */
  readonly maximumTokens: number;
}

/** A taught task with its heads, and how good they are. */
export interface TrainedTask {
  readonly task: ModelTask;
  readonly estimate: Estimate;
}

/** Where nothing is measured: a taught task promises nothing, and thresholds are those that mean the same whatever the task. */
const DEFAULTS: TaskManifest['defaults'] = { maxDisagreement: 0, certainty: 0.95, entropy: 0.3, 'max-probability': 0.9, patience: 2, pcee: 0.4, 'f-pabee': 0.05 };

/**
 * Trains a head for each exit on what that exit and those before it read (see {@link joined}), and what it takes to leave there. The same examples and vectors always give the same heads.
 * @param vectors by example, one per exit: see `Classifier.vectors`.
 * @param embeddings that the vectors of exit 0 were made of.
 * @param onExit is told after each exit how many are trained.
 */
export async function train(set: TrainingSet, vectors: readonly (readonly Float32Array[])[], embeddings: Embeddings, signal?: AbortSignal, onExit?: (exits: number) => void): Promise<TrainedTask> {
  const { examples } = set;
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  const targets = examples.map(({ label }) => labels.indexOf(label));
  const groups = groupsOf(examples);
  const fits: FittedHead[] = [];
  for (let exit = 0; exit < (vectors[0]?.length ?? 0); exit += 1) {
    // Others get their turn between two exits.
    await nextTurn();
    signal?.throwIfAborted();
    fits.push(fitHead(vectors.map((exits) => joined(exits.slice(0, exit + 1))), targets, labels.length, groups));
    onExit?.(exit + 1);
  }
  const heldOut = fits.map(({ heldOut, temperature }, exit) => heldOut.map((logits) => answerOf(exit, labels, ONE_LABEL, ONE_LABEL.probabilities(logits, temperature))));
  const exits = heldOut.map((answers) => ({ probabilities: answers.map(({ probabilities }) => probabilities), answers: answers.map(({ label }) => labels.indexOf(label)) }));
  const heads = new JoinedHeads(fits.map(({ head }) => head), embeddings);
  return {
    task: {
      manifest: manifestOf(set, labels, fits.map(({ temperature }) => temperature)),
      labelling: ONE_LABEL,
      exitZero: heads.exitZero,
      heads: heads.deeper,
      certaintyHeads: certaintyHeads(heldOut, labels),
    },
    estimate: estimate(examples, labels, targets, exits, groups.length),
  };
}

/** Of every exit but the last. @param heldOut answers by exit and example. */
function certaintyHeads(heldOut: readonly (readonly ExitAnswer[])[], labels: readonly string[]): CertaintyHead[] {
  const last = heldOut.at(-1) ?? [];
  return heldOut.slice(0, -1).map((answers) => {
    // The first feature is the margin. It takes neither earlier answers nor the text's length.
    const margins = answers.map((answer) => certaintyFeatures(answer, [], labels, ONE_LABEL, 1)[0] ?? 0);
    return fitCertainty(margins, answers.map((answer, index) => isSameAnswer(answer, last[index] ?? answer)));
  });
}

function manifestOf({ id, silentLabel, maximumTokens }: TrainingSet, labels: readonly string[], temperatures: readonly number[]): ModelTask['manifest'] {
  return {
    id,
    labels: [...labels],
    multiLabel: false,
    silentLabel,
    maximumTokens,
    temperatures: [...temperatures],
    defaults: DEFAULTS,
    promise: { confidence: 0.95, of: silentLabel === undefined ? 'answers' : 'findings', levels: [] },
  };
}
