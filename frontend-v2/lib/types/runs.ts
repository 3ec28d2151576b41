/** Runs, their equity, and how they stand beside others. */

import type { FigureUnit } from "./analysis";

export interface RunSummary {
  trade_count: number | null;
  open_count: number | null;
  /** Closed trades; `open_pnl` is what is still open, `total_pnl` both. */
  net_pnl: number | null;
  open_pnl: number | null;
  total_pnl: number | null;
  total_return: number | null;
  max_drawdown: number | null;
  final_equity: number | null;
  win_rate: number | null;
  positions: number | null;
}

export interface Run {
  id: number;
  model_id: number;
  model_name: string;
  run_number: number;
  name: string;
  source: string;
  status: string;
  currency: string;
  initial_cash: number | null;
  started_at: string | null;
  ended_at: string | null;
  notes: string;
  /** What its import found and nobody has explained. */
  warnings?: string[];
  version: number;
  created_at: string;
  summary: RunSummary;
}

export interface EquityPoint {
  t: string;
  equity: number;
  drawdown: number;
}

export interface Equity {
  points: EquityPoint[];
  basis: string;
  total_points: number;
}

/** A statistic of the run's source in our unit and sign, and ours; `figure` is null where we have no such figure. */
export interface PublishedRow {
  name: string;
  published: number;
  figure: string | null;
  ours: number | null;
  /** Ours − published. */
  difference: number | null;
  unit: FigureUnit | null;
  agrees: boolean | null;
  why: string | null;
  definition: string | null;
}

export interface PublishedFigures {
  source: string;
  currency: string;
  rows: PublishedRow[];
}

export interface ComparedRun {
  run_id: number;
  model_id: number;
  run_number: number;
  name: string;
  source: string;
  currency: string;
  initial_cash: number | null;
  started_at: string | null;
  ended_at: string | null;
  trade_count: number;
}

export interface ComparedFigure {
  unit: FigureUnit;
  definition: string;
  values: (number | string | null)[];
  whys: (string | null)[];
  low_sample: boolean[];
}

/** Whether two runs' trades differ by more than chance would make them: a confidence interval of the difference. */
export interface RunDifference {
  run_id_a: number;
  run_id_b: number;
  mean_a: number | null;
  mean_b: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
  more_than_noise: boolean | null;
  why: string | null;
}

export interface RunComparison {
  runs: ComparedRun[];
  figures: Record<string, ComparedFigure>;
  settings_changed: { name: string; values: unknown[] }[];
  trade_result: string;
  trade_result_definition: string;
  differences: RunDifference[];
  definitions: Record<string, string>;
  warnings: string[];
}
