import { exitPolicy, type ExitPolicy } from './policy';
import type { TaskManifest } from '../model/manifest';

/** A user's choice of policy. Without a threshold, the package's recommendation for the task holds. */
export interface PolicyChoice {
  readonly kind: ExitPolicy['kind'];
  readonly threshold?: number | undefined;
}

/**
 * The policy that a choice means for a task.
 * @throws {RangeError} with a message for the user when the threshold does not fit the policy.
 */
export function resolvePolicy({ kind, threshold }: PolicyChoice, { defaults }: TaskManifest): ExitPolicy {
  return exitPolicy(kind, threshold ?? (kind === 'full' ? 0 : defaults[kind]));
}
