/** Lets everything else that this thread has to do go first: messages above all. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // A timer of 0 ms takes 1 ms, and setImmediate is not there in browsers.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
