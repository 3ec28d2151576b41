import type { Run } from "./types";

export type RunColumn = "run" | "model" | "pnl" | "return" | "drawdown" | "win_rate" | "trades" | "imported";

export interface RunSort {
  column: RunColumn;
  descending: boolean;
}

const VALUE: Record<RunColumn, (run: Run) => number | string | null> = {
  run: (run) => run.run_number,
  model: (run) => run.model_name.toLowerCase(),
  pnl: (run) => run.summary.total_pnl,
  return: (run) => run.summary.total_return,
  drawdown: (run) => run.summary.max_drawdown,
  win_rate: (run) => run.summary.win_rate,
  trades: (run) => run.summary.trade_count,
  imported: (run) => Date.parse(run.created_at),
};

/** Sorted anew; what is unknown comes last either way, equals keep the order they had. */
export function sortRuns(runs: readonly Run[], { column, descending }: RunSort): Run[] {
  const value = VALUE[column];
  return [...runs].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === "string" ? x.localeCompare(String(y)) : x - Number(y);
    return descending ? -order : order;
  });
}

/** Text from A, figures from the highest; a second time the other way. */
export function nextSort(now: RunSort, column: RunColumn): RunSort {
  return now.column === column ? { column, descending: !now.descending } : { column, descending: column !== "model" };
}
