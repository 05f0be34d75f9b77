/** Room that the label of a point takes, in pixels. */
const WIDTH = 34;
const HEIGHT = 14;

/** What is written at a point. */
export interface PlacedLabel {
  /** Of the point. */
  readonly index: number;
  /** Its own, and those of points that are too near for theirs. */
  readonly labels: readonly string[];
  /** Whether the chosen point's is among them. */
  readonly hasChosen: boolean;
}

/**
 * The labels of points. Of points so near one another that their labels would be written over each other, the first has them all.
 * @param points in pixels, one per label.
 */
export function labelsOf(points: readonly { readonly x: number; readonly y: number }[], labels: readonly string[], chosen: number): PlacedLabel[] {
  const groups: { first: { readonly x: number; readonly y: number }; indices: number[] }[] = [];
  points.forEach((point, index) => {
    const near = groups.find(({ first, indices }) => Math.abs(first.x - point.x) < WIDTH * indices.length && Math.abs(first.y - point.y) < HEIGHT);
    if (near) {
      near.indices.push(index);
    } else {
      groups.push({ first: point, indices: [index] });
    }
  });
  return groups.map(({ indices }) => ({ index: indices[0] ?? 0, labels: indices.map((index) => labels[index] ?? ''), hasChosen: indices.includes(chosen) }));
}
