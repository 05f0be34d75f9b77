import { median, quantile } from './statistics';
import { table } from './table';

/** What an extension host found. */
export interface EditorMeasurement {
  /** From a keystroke to the diagnostics of what was typed, in milliseconds. */
  readonly keystrokes: readonly number[];
  /** The longest time, in milliseconds, that the host could not answer, by what it did meanwhile. */
  readonly blocked: Readonly<Record<string, number>>;
}

/**
 * The measurement as tables in Markdown.
 * @param activations time of each, in milliseconds: to load the extension and to activate it.
 */
export function editorReport(activations: readonly number[], { keystrokes, blocked }: EditorMeasurement): string {
  return [
    table(['milliseconds', 'of', 'least', 'median', '95%', 'most'], [row('activation', activations), row('keystroke to diagnostic', keystrokes)]),
    table(['extension host', 'longest blocked, ms'], Object.entries(blocked).map(([what, milliseconds]) => [what, milliseconds.toFixed(1)])),
  ].join('\n\n');
}

function row(what: string, values: readonly number[]): string[] {
  const figures = [quantile(values, 0), median(values), quantile(values, 0.95), quantile(values, 1)];
  return [what, String(values.length), ...figures.map((figure) => figure.toFixed(figure < 10 ? 1 : 0))];
}
