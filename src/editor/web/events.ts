/** In place of Node.js's: browsers warn of no number of listeners. */
export function setMaxListeners(): void {
  // Nothing to raise.
}
