import { UsageError } from '../usage-error';

/**
 * A share from 0 to 1, written as a percentage or as a fraction.
 * @param example of what is usual, for the message, as in "1% or 0.01".
 * @throws {UsageError} also for a bare 1, which could be meant as either.
 */
export function shareOf(option: string, example: string, text: string): number {
  const [, digits, sign] = /^(\d+(?:\.\d*)?|\.\d+)(%?)$/u.exec(text.trim()) ?? [];
  // By the exponent, so that 0.3% is the same number as 0.003.
  const value = Number(sign ? `${digits}e-2` : digits);
  if (digits !== undefined && value <= 1 && (sign || value < 1)) {
    return value;
  }
  throw new UsageError(`${option} is a share, from 0% to 100%, like ${example}: not "${text}".${digits !== undefined && !sign && Number(digits) <= 100 ? ` Did you mean ${digits}%?` : ''}`);
}

/** An empty name is an unset variable of a script, not the folder that one is in. @throws {UsageError} for it. */
export function named(option: string, what: 'file' | 'folder', name: string | undefined): string | undefined {
  if (name?.trim() === '') {
    throw new UsageError(`${option} takes the name of a ${what}; it is empty.`);
  }
  return name;
}
