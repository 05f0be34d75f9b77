import { axisX, axisY, dot, gridY, line, link, plot, ruleX, text } from '@observablehq/plot';
import { labelsOf, type PlacedLabel } from './labels';
import type { Curve, TuneView } from './messages';

type Level = TuneView['levels'][number];

const HEIGHT = 240;
/** Pixels from one label of the axis to the next. */
const TICK_WIDTH = 32;

const COLOUR = 'var(--vscode-charts-blue)';

/**
 * Draws mean exit against what differs, with the level that is chosen marked by shape and size.
 * @param width in pixels.
 */
export function drawCurve(curve: Curve, levels: readonly Level[], chosen: number, width: number): Element {
  const { title, across, up, lastExit, points } = curve;
  const widest = Math.max(...levels.map(({ share }) => share), ...points.map(({ differs }) => differs));
  const point = points[chosen];
  const pixels = points.map(({ differs, meanExit }) => ({ x: Math.sqrt(differs / widest) * width, y: (meanExit / Math.max(1, lastExit)) * HEIGHT }));
  const labels = labelsOf(pixels, levels.map(({ label }) => label), chosen).map((label) => ({ ...label, ...points[label.index] }));
  const figure = plot({
    width,
    height: HEIGHT,
    marginTop: 28,
    marginRight: 28,
    marginBottom: 40,
    className: 'plot',
    ariaLabel: title,
    // Small shares are what matters: a root gives them room, and keeps 0.
    x: { type: 'sqrt', domain: [0, widest] },
    y: { domain: [0, Math.max(1, lastExit)] },
    marks: [
      gridY({ ticks: lastExit, strokeOpacity: 0.2 }),
      axisY({ ticks: lastExit, tickFormat: 'd', label: `↑ ${up}`, labelArrow: 'none' }),
      axisX({ ticks: ticksOf(levels, widest, width), tickFormat: (share: number) => levels.find((level) => level.share === share)?.label ?? '', label: `${across} →`, labelArrow: 'none' }),
      ruleX([point?.promised ?? 0], { stroke: 'currentColor', strokeOpacity: 0.6, strokeDasharray: '4 3' }),
      line(points, { x: 'differs', y: 'meanExit', stroke: COLOUR, strokeWidth: 1.5 }),
      ...(point?.highest === undefined ? [] : [link([point], { x1: 'differs', x2: Math.min(point.highest, widest), y1: 'meanExit', y2: 'meanExit', stroke: 'currentColor', strokeWidth: 2 })]),
      dot(points.filter((_, index) => index !== chosen), { x: 'differs', y: 'meanExit', r: 3.5, fill: COLOUR }),
      dot(points.filter((_, index) => index === chosen), { x: 'differs', y: 'meanExit', r: 6, symbol: 'diamond2', fill: 'currentColor' }),
      ...[false, true].map((isChosen) => text(labels.filter(({ hasChosen }) => hasChosen === isChosen), { x: 'differs', y: 'meanExit', text: ({ labels: written }: PlacedLabel) => written.join(', '), dx: 8, dy: -8, textAnchor: 'start', fontWeight: isChosen ? 'bold' : 'normal', stroke: 'var(--vscode-editor-background)', fill: 'currentColor', strokeWidth: 3 })),
    ],
  });
  figure.setAttribute('role', 'img');
  // The page's policy would not let it in; tune.css has these rules.
  figure.querySelector('style')?.remove();
  return figure;
}

/** The shares of the levels, without those whose labels would run into the next one's. */
function ticksOf(levels: readonly Level[], widest: number, width: number): number[] {
  const place = (share: number): number => Math.sqrt(share / widest) * width;
  return levels.map(({ share }) => share).filter((share, index, all) => place(all[index + 1] ?? Infinity) - place(share) >= TICK_WIDTH);
}
