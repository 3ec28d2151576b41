import { formatMoney, formatNumber, formatPct } from "./format";
import type { Rolling } from "./types";

export type RollingFigure = "win_rate" | "expectancy" | "profit_factor" | "sharpe";

export interface RollingPoint {
  t: string;
  since: string;
  value: number | null;
}

/** One figure's points, whether it is of trades or of days. */
export function pointsOf(rolling: Rolling, figure: RollingFigure): RollingPoint[] {
  if (figure === "sharpe") return rolling.days.points.map(({ t, since, sharpe }) => ({ t, since, value: sharpe }));
  return rolling.trades.points.map((point) => ({ t: point.t, since: point.since, value: point[figure] }));
}

/** As a chart wants them: strictly rising seconds, of points in the same second the last one. */
export function curveOf(points: readonly RollingPoint[]): { time: number; value: number | null }[] {
  const bySecond = new Map(points.map(({ t, value }) => [Math.floor(Date.parse(t) / 1000), value]));
  return [...bySecond].sort(([a], [b]) => a - b).map(([time, value]) => ({ time, value }));
}

/** The points of the highest and the lowest value; null where none is known. */
export function endsOf(points: readonly RollingPoint[]): { highest: RollingPoint; lowest: RollingPoint } | null {
  const known = points.filter(({ value }) => value !== null);
  const [first] = known;
  if (!first) return null;
  const size = ({ value }: RollingPoint): number => value ?? 0;
  return {
    highest: known.reduce((best, point) => (size(point) > size(best) ? point : best), first),
    lowest: known.reduce((worst, point) => (size(point) < size(worst) ? point : worst), first),
  };
}

export function formatRolling(figure: RollingFigure, value: number | null, currency = ""): string {
  if (figure === "win_rate") return formatPct(value, 1);
  if (figure === "expectancy") return formatMoney(value, currency);
  return formatNumber(value);
}
