import type { EquityPoint } from "./types";

/** Places are in percent of the picture's width and of its part's height, from the left and from the top. */
export interface Sketch {
  /** SVG paths in boxes of 100 × 100: the curve, what is below it, and what is under water. */
  line: string;
  area: string;
  water: string;
  /** Of each point. */
  x: number[];
  y: number[];
  low: number;
  high: number;
  deepest: number;
}

/** Percent left free above and below the curve. */
const ROOM = 8;

const round = (value: number): number => Math.round(value * 100) / 100;

const path = (x: readonly number[], y: readonly number[]): string =>
  x.map((at, index) => `${index ? "L" : "M"}${at} ${y[index]}`).join("");

/** An equity curve and its drawdown as paths; null for less than two points. */
export function sketchOf(points: readonly EquityPoint[]): Sketch | null {
  if (points.length < 2) return null;
  const times = points.map((point) => Date.parse(point.t));
  const start = times[0] ?? 0;
  const span = (times.at(-1) ?? 0) - start || 1;
  let low = Infinity;
  let high = -Infinity;
  let deepest = 0;
  for (const { equity, drawdown } of points) {
    low = Math.min(low, equity);
    high = Math.max(high, equity);
    deepest = Math.min(deepest, drawdown ?? 0);
  }
  const x = times.map((time) => round(((time - start) / span) * 100));
  const y = points.map(({ equity }) => round(100 - ROOM - ((equity - low) / (high - low || 1)) * (100 - 2 * ROOM)));
  const depth = points.map(({ drawdown }) => round(((drawdown ?? 0) / (deepest || -1)) * 96));
  const line = path(x, y);
  return { line, area: `${line}L100 100L0 100Z`, water: `${path(x, depth)}L100 0L0 0Z`, x, y, low, high, deepest };
}

/** The index of the place nearest to one; places rise. */
export function nearest(places: readonly number[], to: number): number {
  let low = 0;
  let high = places.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) < to) low = middle + 1;
    else high = middle;
  }
  const before = Math.max(low - 1, 0);
  return to - (places[before] ?? 0) <= (places[low] ?? 0) - to ? before : low;
}
