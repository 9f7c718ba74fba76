/** Places of a series in a drawing: pure. */
import { toNumber } from "../../data/decimal";
import type { DiagnosisAction, SeriesPoint } from "../../data/diagnosis";

export interface Frame {
  width: number;
  height: number;
  edge: number;
}

/** Where the point at a place of the series lies across the drawing. */
export function acrossOf(at: number, count: number, { width, edge }: Frame): number {
  return edge + ((width - 2 * edge) * at) / Math.max(1, count - 1);
}

/** How high a value lies, between the lowest and the highest of all lines; null for what is not known. */
export function heightOf(
  value: string | null,
  low: number,
  high: number,
  { height, edge }: Frame,
): number | null {
  const number = toNumber(value);
  if (number === null) return null;
  const share = high === low ? 0.5 : (number - low) / (high - low);
  return height - edge - share * (height - 2 * edge);
}

/** The lowest and the highest value of all lines; null where nothing is known. */
export function spanOf(points: readonly SeriesPoint[], lines: readonly (keyof SeriesPoint)[]) {
  const known = points
    .flatMap((point) => lines.map((line) => toNumber(point[line] as string | null)))
    .filter((value): value is number => value !== null);
  return known.length > 0 ? { low: Math.min(...known), high: Math.max(...known) } : null;
}

/** The place of the period that holds a day; of a day after all of them the last, of one before null. */
export function placeOfDay(points: readonly SeriesPoint[], day: string): number | null {
  let found: number | null = null;
  points.forEach((point, at) => {
    if (point.period_start <= day) found = at;
  });
  return found;
}

/** Actions by the place of their period, in the order of the series. */
export function actionsByPlace(points: readonly SeriesPoint[], actions: readonly DiagnosisAction[]) {
  const places = new Map<number, DiagnosisAction[]>();
  for (const action of actions) {
    const at = placeOfDay(points, action.day);
    if (at !== null) places.set(at, [...(places.get(at) ?? []), action]);
  }
  return [...places.entries()].sort(([left], [right]) => left - right);
}
