/** Bytes that are looked at to tell whether a file is binary. */
const LOOKED_AT = 8192;

/** Reads source code as UTF-8, or UTF-16 where it has a byte order mark. Bytes that are neither become U+FFFD. @returns nothing for a binary file. */
export function decodeSource(bytes: Uint8Array): string | undefined {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  if (encoding === 'utf-8' && bytes.subarray(0, LOOKED_AT).includes(0)) {
    return undefined;
  }
  return new TextDecoder(encoding).decode(bytes);
}
