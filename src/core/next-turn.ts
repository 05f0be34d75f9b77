/** Node.js's, which browsers do not have. */
const { setImmediate } = globalThis as { readonly setImmediate?: (then: () => void) => unknown };

/** Lets everything else that this thread has to do go first: messages above all. A timer of 0 ms would take 1 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
