import pidusage from 'pidusage';

/** What processes have taken together. */
export interface Usage {
  /** Resident memory in bytes. */
  readonly memory: number;
  /** Processor time in milliseconds, in all threads. */
  readonly processor: number;
}

/** What some processes take, by the operating system's accounts. */
export async function usageOf(processes: readonly number[]): Promise<Usage> {
  const found = Object.values(await pidusage([...processes]));
  return {
    memory: found.reduce((sum, { memory }) => sum + memory, 0),
    processor: found.reduce((sum, { ctime }) => sum + ctime, 0),
  };
}
