import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { TradeMark } from "@/components/charts/series";
import { useApi } from "@/components/shell/auth-provider";
import type { TimeWindow } from "@/lib/api";
import type { Run, Trade } from "@/lib/types";

/** Beyond so many trades in sight the best and the worst are marked, and no others. */
export const ALL_MARKED = 60;
export const ENDS_MARKED = 12;

const markOf = (trade: Trade): TradeMark => ({
  tradeId: trade.trade_id,
  t: trade.closed_at ?? trade.opened_at,
  net: trade.net_pnl ?? 0,
});

/** Closed trades to mark on the equity, of the whole run or of the part in sight. */
export function useTradeMarks(run: Run, window: TimeWindow | null) {
  const api = useApi();
  const where = { modelId: run.model_id, runId: run.id };
  const part = { status: "closed", ...(window ? { closed_from: window.from, closed_to: window.to } : {}) };
  return useQuery({
    queryKey: ["trade-marks", run.id, run.version, window],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const many = (run.summary.trade_count ?? 0) > ALL_MARKED;
      // Of a run that has more, neither end waits for the other.
      const [worst, best] = await Promise.all([
        api.runs.trades(where, { ...part, sort: "net_pnl", limit: ALL_MARKED }),
        many ? api.runs.trades(where, { ...part, sort: "-net_pnl", limit: ENDS_MARKED }) : null,
      ]);
      const shown = { total: worst.total, part: window !== null };
      if (worst.total <= ALL_MARKED || !best) return { ...shown, marks: worst.items.map(markOf) };
      return { ...shown, marks: [...worst.items.slice(0, ENDS_MARKED), ...best.items].map(markOf) };
    },
  });
}

const BASIS: Record<string, string> = {
  source: "as the source states it",
  holdings: "cash + marked holdings",
  cumulative_pnl: "initial cash + net P&L",
};

/** What an equity curve is made of. */
export const basisText = (basis: string): string => BASIS[basis] ?? basis;
