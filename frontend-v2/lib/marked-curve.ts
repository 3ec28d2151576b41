import type { EquityPoint, Trade } from "./types";

export interface Spot {
  x: number;
  y: number;
}

export interface MarkedCurve {
  /** An SVG path. */
  path: string;
  marks: { trade: Trade; from: Spot; to: Spot }[];
  first: number;
  last: number;
  start: string;
  end: string;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** An equity curve in a box of `width` × `height`, and where on it trades opened and closed; null for less than two points. */
export function markedCurve(
  points: readonly EquityPoint[],
  trades: readonly Trade[],
  width: number,
  height: number,
): MarkedCurve | null {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return null;
  const times = points.map((point) => Date.parse(point.t));
  const start = times[0] ?? 0;
  const span = (times.at(-1) ?? 0) - start || 1;
  let low = Infinity;
  let high = -Infinity;
  for (const { equity } of points) {
    low = Math.min(low, equity);
    high = Math.max(high, equity);
  }
  const pad = 8;
  const x = (time: number): number => round(Math.min(Math.max((time - start) / span, 0), 1) * width);
  const y = (equity: number): number => round(height - pad - ((equity - low) / (high - low || 1)) * (height - 2 * pad));

  /** On the line between the two points around a moment. */
  const spot = (time: number): Spot => {
    let right = times.findIndex((one) => one >= time);
    if (right < 0) right = times.length - 1;
    const left = Math.max(right - 1, 0);
    const [t0 = 0, t1 = 0] = [times[left], times[right]];
    const part = t1 > t0 ? Math.min(Math.max((time - t0) / (t1 - t0), 0), 1) : 1;
    const [e0 = 0, e1 = 0] = [points[left]?.equity, points[right]?.equity];
    return { x: x(time), y: y(e0 + (e1 - e0) * part) };
  };
  return {
    path: points.map((point, index) => `${index ? "L" : "M"}${x(times[index] ?? start)} ${y(point.equity)}`).join(""),
    marks: trades.map((trade) => ({
      trade,
      from: spot(Date.parse(trade.opened_at)),
      to: spot(trade.closed_at ? Date.parse(trade.closed_at) : start + span),
    })),
    first: first.equity,
    last: last.equity,
    start: first.t,
    end: last.t,
  };
}
