/**
 * Remembers what the exits of the encoder answered, so that a text that comes again need not go through it. Logits are kept, not
 * decisions: they are the same whatever the policy, so that the knob can be turned without losing anything.
 */
export interface AnswerCache {
  /**
   * Logits of exit 1, 2, ... as far as the text has come before; undefined when it is not known.
   * @param task identifier.
   * @param ids token ids of the text.
   */
  get(task: string, ids: Int32Array): readonly Float32Array[] | undefined;
  /** @param logits of exit 1, 2, ..., each with a number per label. */
  set(task: string, ids: Int32Array, logits: readonly Float32Array[]): void;
}
