import type { Run, TradingModel } from "./types";

export interface CurrencyTotal {
  currency: string;
  pnl: number;
  runs: number;
}

export interface LibraryStats {
  models: number;
  runs: number;
  trades: number;
  winning: number;
  losing: number;
  /** Money of different currencies is never added up. */
  totals: CurrencyTotal[];
  best: Run | null;
  worst: Run | null;
}

/** Totals over all runs; best and worst by total return, which compares across currencies. */
export function libraryStats(models: readonly TradingModel[], runs: readonly Run[]): LibraryStats {
  const totals = new Map<string, CurrencyTotal>();
  for (const run of runs) {
    if (run.summary.total_pnl === null) continue;
    const total = totals.get(run.currency) ?? { currency: run.currency, pnl: 0, runs: 0 };
    totals.set(run.currency, { ...total, pnl: total.pnl + run.summary.total_pnl, runs: total.runs + 1 });
  }
  const ranked = runs
    .filter((run) => run.summary.total_return !== null)
    .sort((a, b) => (a.summary.total_return ?? 0) - (b.summary.total_return ?? 0));
  const pnl = (run: Run): number => run.summary.total_pnl ?? 0;
  return {
    models: models.length,
    runs: runs.length,
    trades: runs.reduce((sum, run) => sum + (run.summary.trade_count ?? 0), 0),
    winning: runs.filter((run) => pnl(run) > 0).length,
    losing: runs.filter((run) => pnl(run) < 0).length,
    totals: [...totals.values()].sort((a, b) => b.runs - a.runs),
    best: ranked.at(-1) ?? null,
    worst: ranked[0] ?? null,
  };
}
