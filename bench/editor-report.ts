import { median, quantile } from './statistics';
import { table } from './table';

/** What one extension host found. */
export interface EditorMeasurement {
  /** Of the extension, from the host's call to its return, in milliseconds. */
  activation: number;
  /** From a keystroke to the diagnostics of what was typed, in milliseconds. */
  keystrokes?: readonly number[];
  /** The longest time, in milliseconds, that the host could not answer, by what it did meanwhile. */
  blocked?: Readonly<Record<string, number>>;
}

/** The measurements of several extension hosts as tables in Markdown. */
export function editorReport(measurements: readonly EditorMeasurement[]): string {
  const activations = measurements.map(({ activation }) => activation);
  const keystrokes = measurements.flatMap((measurement) => measurement.keystrokes ?? []);
  const blocked = measurements.flatMap((measurement) => Object.entries(measurement.blocked ?? {}));
  return [
    table(['milliseconds', 'of', 'least', 'median', '95%', 'most'], [row('activation', activations), row('keystroke to diagnostic', keystrokes)]),
    table(['extension host', 'longest blocked, ms'], blocked.map(([what, milliseconds]) => [what, milliseconds.toFixed(1)])),
  ].join('\n\n');
}

function row(what: string, values: readonly number[]): string[] {
  const figures = [quantile(values, 0), median(values), quantile(values, 0.95), quantile(values, 1)];
  return [what, String(values.length), ...figures.map((figure) => figure.toFixed(figure < 10 ? 1 : 0))];
}
