import type { ITimeScaleApi, Time, UTCTimestamp } from "lightweight-charts";
import { fetchPart } from "@/lib/fetch-part";
import { formatTime } from "@/lib/format";
import type { EquityPoint } from "@/lib/types";

/** The chart library, large as it is, comes with the first chart that is to be drawn. */
export const loadCharts = () => fetchPart(() => import("lightweight-charts"));

export interface SeriesPoint {
  time: UTCTimestamp;
  value: number;
}

/** A closed trade to show on the curve. */
export interface TradeMark {
  tradeId: number;
  /** When it closed. */
  t: string;
  net: number;
}

const secondOf = (moment: string): number => Math.floor(Date.parse(moment) / 1000);

/**
 * Equity points as chart series. The chart wants strictly rising times, to the second: of points in the same second the
 * last one stands, as it does in the run.
 */
export function toSeries(points: readonly EquityPoint[]): { equity: SeriesPoint[]; drawdown: SeriesPoint[] } {
  const bySecond = new Map<number, EquityPoint>();
  for (const point of points) {
    const second = secondOf(point.t);
    if (Number.isFinite(second) && Number.isFinite(point.equity)) bySecond.set(second, point);
  }
  const sorted = [...bySecond].sort(([a], [b]) => a - b);
  const series = (value: (point: EquityPoint) => number): SeriesPoint[] =>
    sorted.map(([second, point]) => ({ time: second as UTCTimestamp, value: value(point) }));
  return { equity: series((point) => point.equity), drawdown: series((point) => point.drawdown ?? 0) };
}

/** The whole curve with its part in the window replaced by the finer one. */
export function refine(whole: readonly EquityPoint[], part: readonly EquityPoint[]): EquityPoint[] {
  const first = part[0];
  const last = part.at(-1);
  if (!first || !last) return [...whole];
  const from = Date.parse(first.t);
  const to = Date.parse(last.t);
  const outside = (point: EquityPoint): boolean => Date.parse(point.t) < from || Date.parse(point.t) > to;
  return [...whole.filter(outside), ...part].sort((a, b) => Date.parse(a.t) - Date.parse(b.t));
}

/** Marks at the last point of the series at or before them (a thinned curve has no point of its own for each). */
export function placeMarks(
  times: readonly UTCTimestamp[],
  marks: readonly TradeMark[],
): { time: UTCTimestamp; mark: TradeMark }[] {
  const first = times[0];
  if (first === undefined) return [];
  const placed = marks.flatMap((mark) => {
    const second = secondOf(mark.t);
    if (!Number.isFinite(second)) return [];
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) <= second) low = middle + 1;
      else high = middle;
    }
    return [{ time: times[low - 1] ?? first, mark }];
  });
  return placed.sort((a, b) => a.time - b.time);
}

/** A moment of the time axis, which runs in UTC as the run does. */
export const momentText = (seconds: Time): string =>
  `${formatTime(new Date(Number(seconds) * 1000).toISOString(), true, { timeZone: "UTC" })} UTC`;

/** Pixels that the values' labels have at least: where they need no more, the chart is not laid out a second time. */
export const LABELS_WIDTH = 68;

/** Pixels left free at either end, so that no label of the time axis is cut. */
const ROOM = 20;

/** Shows so many points from the first to the last. */
export function seeAll(scale: ITimeScaleApi<Time>, points: number): void {
  if (!points) return;
  const each = points / Math.max(scale.width(), 1);
  scale.setVisibleLogicalRange({ from: -each * ROOM, to: points - 1 + each * ROOM });
}
