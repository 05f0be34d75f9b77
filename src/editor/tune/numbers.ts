import * as vscode from 'vscode';

/** A share in percent: "4.2%"; of nothing, 0. */
export function percentage(part: number, of: number, digits = 1): string {
  return `${(of === 0 ? 0 : (100 * part) / of).toFixed(digits)}%`;
}

/** A whole number as the person's language groups its digits. */
export function whole(count: number): string {
  return count.toLocaleString(vscode.env.language);
}
