/** A place in a text: line and column from 0, the column in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds the lines of offsets in a text. Lines end with LF, CRLF or CR, as in VS Code. */
export class LineIndex {
  private readonly starts: number[] = [0];

  constructor(private readonly text: string) {
    for (const { index, 0: lineBreak } of text.matchAll(/\r\n|\n|\r/gu)) {
      this.starts.push(index + lineBreak.length);
    }
  }

  /** Where a line starts; the end of the text for one after the last. */
  offset(line: number): number {
    return this.starts[line] ?? this.text.length;
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return { line: low, column: offset - (this.starts[low] ?? 0) };
  }
}
