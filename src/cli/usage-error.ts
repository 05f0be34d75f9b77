/** Wrong usage or input: the message goes to the user, the status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
