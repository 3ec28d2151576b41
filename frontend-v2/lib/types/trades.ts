/** Trades and what is gathered from them: days, distributions, drawdowns. */

import type { Page } from "./common";

export interface Trade {
  trade_id: number;
  symbol: string;
  side: string;
  status: string;
  opened_at: string;
  closed_at: string | null;
  quantity: number;
  entry_price: number | null;
  exit_price: number | null;
  gross_pnl: number | null;
  fees: number | null;
  funding: number | null;
  net_pnl: number | null;
  return_pct: number | null;
  holding_seconds: number | null;
  mae: number | null;
  mfe: number | null;
  /** The stop that stood at the entry, and the net P&L as a multiple of what was at risk there; null where unknown. */
  stop_price: number | null;
  r: number | null;
  entry_tag: string | null;
  exit_tag: string | null;
  entry_reasoning: string | null;
  exit_reasoning: string | null;
}

/** Of the trades that fit a filter: `total` of them, which made `net_pnl` together. */
export interface TradePage extends Page<Trade> {
  total: number;
  net_pnl: number;
}

/** What the trades closed in one day ("2025-11-03"), month ("2025-11") or year made. */
export interface Period {
  key: string;
  trade_count: number;
  win_count: number;
  loss_count: number;
  win_rate: number | null;
  gross_pnl: number;
  fees: number;
  net_pnl: number;
}

export interface LongPeriod extends Period {
  day_count: number;
  winning_days: number;
  losing_days: number;
  return_pct: number | null;
}

export interface RunCalendar {
  currency: string;
  year: number | null;
  days: Period[];
  months: LongPeriod[];
  years: LongPeriod[];
  best_day: Period | null;
  worst_day: Period | null;
  basis: string;
  return_basis: string;
}

export type Measure = "net_pnl" | "return_pct" | "holding_seconds" | "mae" | "mfe" | "fees";

/** `low` ≤ value < `high`; null where the bin is open. */
export interface DistributionBin {
  low: number | null;
  high: number | null;
  trade_count: number;
  net_pnl: number;
}

export interface Distribution {
  measure: Measure;
  unit: "money" | "pct" | "seconds";
  currency: string;
  trade_count: number;
  unknown_count: number;
  bins: DistributionBin[];
  mean: number | null;
  stdev: number | null;
  skew: number | null;
  percentiles: Record<string, number>;
  basis: string;
}

export interface DrawdownPeriod {
  rank: number;
  peak_at: string;
  trough_at: string;
  recovered_at: string | null;
  depth_pct: number | null;
  depth: number;
  days_down: number;
  days_under_water: number;
  trade_count: number;
  net_pnl: number;
}

export interface Drawdowns {
  currency: string;
  total: number;
  items: DrawdownPeriod[];
  basis: string;
}

/** The trades that end with the one closed at `t`; `since` is when the first of them was closed. */
export interface RollingTrades {
  t: string;
  since: string;
  trade_id: number;
  win_rate: number | null;
  expectancy: number;
  profit_factor: number | null;
}

/** The daily returns that end with the day `t`. */
export interface RollingReturns {
  t: string;
  since: string;
  sharpe: number | null;
}

interface RollingOver<Point> {
  count: number;
  window: number;
  windows: number[];
  points: Point[];
  /** Why there are no points. */
  why: string | null;
}

export interface Rolling {
  currency: string;
  trades: RollingOver<RollingTrades>;
  days: RollingOver<RollingReturns> & { periods_per_year: number };
  definitions: Record<string, string>;
  basis: string;
}
