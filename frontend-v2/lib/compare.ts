import { formatNumber, formatPct, formatSigned } from "./format";
import type { ComparedRun, Equity, RunComparison, RunDifference } from "./types";

export const FEWEST_COMPARED = 2;
export const MOST_COMPARED = 10;

/** Figures shown first, and which way is better; the rest of the set follows on request. */
export const HEADLINES: Readonly<Record<string, "higher" | "lower" | null>> = {
  total_pnl: "higher",
  total_return: "higher",
  max_drawdown: "higher",
  sharpe: "higher",
  sortino: "higher",
  calmar: "higher",
  profit_factor: "higher",
  expectancy: "higher",
  win_rate: "higher",
  average_win: "higher",
  average_loss: "higher",
  trade_count: null,
  fees: null,
  average_holding: null,
  exposure: null,
};

export const callCompared = (run: ComparedRun): string => `#${run.run_number} ${run.name}`;

/** Places of the best values; none where fewer than two are known, all are alike, or currencies differ in money. */
export function bestOf(name: string, { figures, runs }: Pick<RunComparison, "figures" | "runs">): Set<number> {
  const figure = figures[name];
  const better = HEADLINES[name];
  if (!figure || !better) return new Set();
  if (figure.unit === "money" && new Set(runs.map(({ currency }) => currency)).size > 1) return new Set();
  const known = figure.values.filter((value): value is number => typeof value === "number");
  if (known.length < 2 || new Set(known).size < 2) return new Set();
  const best = better === "higher" ? Math.max(...known) : Math.min(...known);
  return new Set(figure.values.flatMap((value, index) => (value === best ? [index] : [])));
}

/** A difference with its interval, in a sentence; and whether chance explains it as well. */
export function differenceInWords(
  difference: RunDifference,
  { runs, trade_result }: Pick<RunComparison, "runs" | "trade_result">,
): string {
  const called = (id: number): string => {
    const run = runs.find(({ run_id }) => run_id === id);
    return run ? callCompared(run) : `run ${id}`;
  };
  const [a, b] = [called(difference.run_id_a), called(difference.run_id_b)];
  if (difference.difference === null) return `${a} and ${b}: not compared, ${difference.why ?? "too few trades"}.`;
  const inPercent = trade_result === "return_pct";
  const currency = runs[0]?.currency ?? "";
  const show = (value: number | null): string =>
    inPercent ? formatSigned(value, 2, " percentage points") : formatSigned(value, 2, ` ${currency}`);
  const size = inPercent
    ? `${formatNumber(Math.abs(difference.difference))} percentage points`
    : `${formatNumber(Math.abs(difference.difference))} ${currency}`;
  const [more, less] = difference.difference >= 0 ? [a, b] : [b, a];
  const verdict = difference.more_than_noise
    ? "That is more than noise."
    : "That may be noise: trades drawn by chance differ as much.";
  return `A trade of ${more} earned ${size} more on average than one of ${less} (95 % interval ${show(difference.low)} to ${show(difference.high)} for ${a} less ${b}). ${verdict}`;
}

export interface OverlayPoint {
  /** Seconds: since 1970, or since the run's first point. */
  time: number;
  /** Money, or percent of the run's first equity. */
  value: number;
}

/** Whether the curves can only be laid over each other as percent: other currencies or other starting money. */
export function needsPercent(runs: readonly ComparedRun[]): boolean {
  const starts = new Set(runs.map(({ currency, initial_cash }) => `${currency} ${initial_cash}`));
  return starts.size > 1;
}

/** Whether the runs share no time at all, so that by date they would stand beside each other, not over. */
export function standApart(runs: readonly ComparedRun[]): boolean {
  const spans = runs
    .map(({ started_at, ended_at }) => [Date.parse(started_at ?? ""), Date.parse(ended_at ?? "")] as const)
    .filter(([start, end]) => Number.isFinite(start) && Number.isFinite(end))
    .sort(([a], [b]) => a - b);
  return spans.length > 1 && spans.every(([start], index) => index === 0 || start > (spans[index - 1]?.[1] ?? start));
}

/** One run's equity as a curve to lay over others: strictly rising times; no curve where percent would be of nothing. */
export function overlayOf(
  equity: Equity,
  { percent, fromStart }: { percent: boolean; fromStart: boolean },
): OverlayPoint[] {
  const bySecond = new Map<number, number>();
  for (const point of equity.points) {
    const second = Math.floor(Date.parse(point.t) / 1000);
    if (Number.isFinite(second) && Number.isFinite(point.equity)) bySecond.set(second, point.equity);
  }
  const sorted = [...bySecond].sort(([a], [b]) => a - b);
  const [firstTime, firstValue] = sorted[0] ?? [0, 0];
  if (percent && !(firstValue > 0)) return [];
  return sorted.map(([time, value]) => ({
    time: fromStart ? time - firstTime : time,
    value: percent ? (value / firstValue - 1) * 100 : value,
  }));
}

/** So many distances between the moments of the time axis. */
const CELLS = 600;

/**
 * The curves on moments that they share, all equally far from each other: the chart gives each moment the same room, so that
 * points by the hour beside points by the week would bend time. A moment has the curve's last point since the one before,
 * else what lies on the line between its points; before a curve's beginning and after its end there is nothing.
 */
export function evenly<Line extends { points: readonly OverlayPoint[] }>(
  lines: readonly Line[],
  cells = CELLS,
): (Omit<Line, "points"> & { points: { time: number; value: number | null }[] })[] {
  const ends = lines.flatMap(({ points }) => [points[0]?.time, points.at(-1)?.time]).filter((end) => end !== undefined);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const step = Math.max(1, (to - from) / cells);
  const moments = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, cell) =>
    Math.round(from + cell * step),
  );
  return lines.map((line) => {
    let next = 0;
    const points = moments.map((time) => {
      const first = next;
      while ((line.points[next]?.time ?? Infinity) <= time) next++;
      const [before, after] = [line.points[next - 1], line.points[next]];
      if (before && next > first) return { time, value: before.value };
      if (!before || !after) return { time, value: null };
      const share = (time - before.time) / (after.time - before.time);
      return { time, value: before.value + share * (after.value - before.value) };
    });
    return { ...line, points };
  });
}

export const formatOverlay = (value: number, percent: boolean): string =>
  percent ? formatPct(value, 1) : formatNumber(value, Math.abs(value) >= 1e5 ? 0 : 2);
