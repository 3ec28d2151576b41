/** What the analysis computes, as the API and the tools return it. */

import type { Period, Trade } from "./trades";

export type FigureUnit = "money" | "ratio" | "pct" | "count" | "seconds" | "time";

export interface MetricFigure {
  value: number | string | null;
  unit: FigureUnit;
  why: string | null;
  definition: string;
  low_sample?: boolean;
  trade_ids?: number[];
}

export interface Metrics {
  figures: Record<string, MetricFigure>;
  basis: Record<string, unknown>;
  warnings: string[];
}

/** What the trades of one group (an hour, a symbol …) made. */
export interface BreakdownRow extends Period {
  average_net: number | null;
  trade_ids: number[];
}

/** A part of the way from gross to net; the parts of one list sum to the whole. */
export interface BridgeLeg {
  key: string;
  gross_pnl: number;
  fees: number;
  funding: number;
  net_pnl: number;
}

export interface Analysis {
  kind: "trade_analysis";
  /** Which trades were chosen; a result that was saved long ago may not say. */
  filter?: { filter_type: string; criteria?: unknown };
  currency: string;
  breakdowns: Record<string, BreakdownRow[]>;
  bridge: Omit<BridgeLeg, "key"> & { open_pnl: number } & Partial<
      Record<"by_symbol" | "by_side" | "by_tag" | "by_hour", BridgeLeg[]>
    >;
  worst_trades: Trade[];
  best_trades: Trade[];
  open_trades: Trade[];
  warnings: string[];
}

export interface RuleReplay {
  method: string;
  method_note: string | null;
  trades_removed: number | null;
  trades_changed?: number | null;
  /** Where the server names them. */
  removed_trade_ids?: number[];
  losers_avoided: number | null;
  winners_lost: number | null;
  net_pnl_before: number | null;
  net_pnl_after: number | null;
  net_pnl_after_low: number | null;
  net_pnl_after_high: number | null;
  max_drawdown_before: number | null;
  max_drawdown_after: number | null;
  first_half_gain: number | null;
  second_half_gain: number | null;
  other_runs?: { run_id: number; run_number: number; gain: number | null }[];
  verdict: string;
  verdict_why: string | null;
}

export interface SuggestedRule {
  kind: string;
  name: string;
  params: Record<string, unknown>;
  plain: string;
  rationale: string;
  code: string;
  /** How a program would keep the rule, by its `type`. */
  enforcement?: Record<string, unknown>;
  replay: RuleReplay;
}

export interface RuleSuggestions {
  kind: "rule_suggestions";
  problem: string;
  currency: string;
  rules_tried: number;
  parameter_values_tried: number;
  rules: SuggestedRule[];
}
