import type { Vocabulary } from './tokenizer-file';

/** What pieces inside a word begin with. */
export const INSIDE = '##';

const NUMBER_SIGN = INSIDE.charCodeAt(0);

/** No such piece. */
export const NONE = -1;

/** What may be a piece of a word, as it stands in a vocabulary. */
const PIECE = /^(?:##)?[a-z0-9]+$/u;

/** Base of the hash of a word: a polynomial of its letters, so that the hash of any stretch of it follows from those of two of its beginnings. */
const BASE = 16_777_619;

/** Spreads hashes over the places of a table (Knuth's multiplicative hashing). */
const SPREAD = 0x9e3779b1;

const HASH_OF_INSIDE = [...INSIDE].reduce((hash, character) => nextHash(hash, character.charCodeAt(0)), 0);

/** The hash of a word with a letter more; that of no letter is 0. */
export function nextHash(hash: number, letter: number): number {
  return (Math.imul(hash, BASE) + letter) | 0;
}

/**
 * The pieces of words in a vocabulary, found by their letters: a hash table with open addressing. For a Map, a string would have to be made
 * of each stretch of a word that might be a piece.
 */
export class PieceTable {
  /** Letters of the longest piece, its prefix counted in. */
  readonly longest: number;
  /** Letters of all pieces, one after the other, and where those of each begin. */
  private readonly letters: Uint8Array;
  private readonly starts: Int32Array;
  private readonly ids: Int32Array;
  /** By place: number of the piece there ({@link NONE} where it is free), and its hash. */
  private readonly pieces: Int32Array;
  private readonly hashes: Int32Array;
  /** Bits of a hash that are not part of a place. */
  private readonly shift: number;
  /** {@link BASE} to the power of the index. */
  private readonly powers: Int32Array;

  constructor({ tokens, ids }: Vocabulary) {
    const pieces: string[] = [];
    this.ids = new Int32Array(tokens.length);
    for (let token = 0; token < tokens.length; token += 1) {
      const piece = tokens[token] ?? '';
      if (PIECE.test(piece)) {
        this.ids[pieces.length] = ids[token] ?? 0;
        pieces.push(piece);
      }
    }
    // At most half full, so that a stretch that is no piece is told in a step or two.
    const bits = Math.ceil(Math.log2(pieces.length + 1)) + 1;
    this.shift = 32 - bits;
    this.pieces = new Int32Array(2 ** bits).fill(NONE);
    this.hashes = new Int32Array(2 ** bits);
    this.starts = new Int32Array(pieces.length + 1);
    const letters = new TextEncoder().encode(pieces.join(''));
    let [start, longest] = [0, 0];
    for (let piece = 0; piece < pieces.length; piece += 1) {
      const end = start + (pieces[piece]?.length ?? 0);
      let hash = 0;
      for (let at = start; at < end; at += 1) {
        hash = nextHash(hash, letters[at] ?? 0);
      }
      let place = this.placeOf(hash);
      while (this.pieces[place] !== NONE) {
        place = this.placeAfter(place);
      }
      this.pieces[place] = piece;
      this.hashes[place] = hash;
      this.starts[piece + 1] = end;
      longest = Math.max(longest, end - start);
      start = end;
    }
    this.letters = letters;
    this.longest = longest;
    this.powers = new Int32Array(longest + 1).fill(1);
    for (let power = 1; power <= longest; power += 1) {
      this.powers[power] = Math.imul(this.powers[power - 1] ?? 1, BASE);
    }
  }

  /**
   * The id of a stretch of a word, {@link NONE} when it is no piece.
   * @param word letters, in lower case.
   * @param start where the stretch begins; a piece inside the word is another than one at its beginning.
   * @param end where it ends, at most {@link longest} letters later.
   * @param beginnings hashes of the word's beginnings, by their length.
   */
  find(word: Uint8Array, start: number, end: number, beginnings: Int32Array): number {
    // Inside a word, as if the prefix stood in front of the stretch.
    const before = (beginnings[start] ?? 0) - (start > 0 ? HASH_OF_INSIDE : 0);
    const hash = ((beginnings[end] ?? 0) - Math.imul(before, this.powers[end - start] ?? 0)) | 0;
    let place = this.placeOf(hash);
    for (let piece = this.pieces[place] ?? NONE; piece !== NONE; piece = this.pieces[place] ?? NONE) {
      if (this.hashes[place] === hash && this.isSame(piece, word, start, end)) {
        return this.ids[piece] ?? NONE;
      }
      place = this.placeAfter(place);
    }
    return NONE;
  }

  /** Whether a piece stands for a stretch of a word, and not for another with the same hash. */
  private isSame(piece: number, word: Uint8Array, start: number, end: number): boolean {
    const first = this.starts[piece] ?? 0;
    const isInside = this.letters[first] === NUMBER_SIGN;
    const from = isInside ? first + INSIDE.length : first;
    if (isInside !== start > 0 || (this.starts[piece + 1] ?? 0) - from !== end - start) {
      return false;
    }
    for (let at = start; at < end; at += 1) {
      if (this.letters[from + at - start] !== word[at]) {
        return false;
      }
    }
    return true;
  }

  private placeOf(hash: number): number {
    return Math.imul(hash, SPREAD) >>> this.shift;
  }

  private placeAfter(place: number): number {
    return (place + 1) & (this.pieces.length - 1);
  }
}
