/** What a promise gives, unless nobody wants it any more: then it is not waited for. Rejects with the signal's reason when that is aborted. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  let abort: () => void = () => undefined;
  try {
    return await new Promise<Value>((resolve, reject) => {
      abort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true });
      promise.then(resolve, reject);
      if (signal?.aborted) {
        abort();
      }
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
