import type { UTCTimestamp } from "lightweight-charts";
import type { EquityPoint } from "@/lib/types";

export interface SeriesPoint {
  time: UTCTimestamp;
  value: number;
}

/**
 * Equity points as chart series. The chart wants strictly rising times, to the second: of points in the same second the
 * last one stands, as it does in the run.
 */
export function toSeries(points: readonly EquityPoint[]): { equity: SeriesPoint[]; drawdown: SeriesPoint[] } {
  const bySecond = new Map<number, EquityPoint>();
  for (const point of points) {
    const second = Math.floor(Date.parse(point.t) / 1000);
    if (Number.isFinite(second) && Number.isFinite(point.equity)) bySecond.set(second, point);
  }
  const sorted = [...bySecond].sort(([a], [b]) => a - b);
  const series = (value: (point: EquityPoint) => number): SeriesPoint[] =>
    sorted.map(([second, point]) => ({ time: second as UTCTimestamp, value: value(point) }));
  return { equity: series((point) => point.equity), drawdown: series((point) => point.drawdown ?? 0) };
}
