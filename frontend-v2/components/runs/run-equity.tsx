import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { EquityChart } from "@/components/charts/equity-chart";
import { refine, type TradeMark } from "@/components/charts/series";
import { useActions } from "@/components/shell/actions-provider";
import { useApi } from "@/components/shell/auth-provider";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { useDebounced } from "@/hooks/use-debounced";
import type { TimeWindow } from "@/lib/api";
import { plural } from "@/lib/format";
import type { Run, Trade } from "@/lib/types";

const BASIS: Record<string, string> = {
  source: "as the source states it",
  holdings: "cash + marked holdings",
  cumulative_pnl: "initial cash + net P&L",
};
/** Beyond so many trades in sight the best and the worst are marked, and no others. */
const ALL_MARKED = 60;
const ENDS_MARKED = 12;
const SETTLED_MS = 300;

const markOf = (trade: Trade): TradeMark => ({
  tradeId: trade.trade_id,
  t: trade.closed_at ?? trade.opened_at,
  net: trade.net_pnl ?? 0,
});

/** Closed trades to mark, of the whole run or of the part in sight. */
function useMarks(run: Run, window: TimeWindow | null) {
  const api = useApi();
  const where = { modelId: run.model_id, runId: run.id };
  const part = { status: "closed", ...(window ? { closed_from: window.from, closed_to: window.to } : {}) };
  return useQuery({
    queryKey: ["trade-marks", run.id, run.version, window],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const worst = await api.runs.trades(where, { ...part, sort: "net_pnl", limit: ALL_MARKED });
      const shown = { total: worst.total, part: window !== null };
      if (worst.total <= ALL_MARKED) return { ...shown, marks: worst.items.map(markOf) };
      const best = await api.runs.trades(where, { ...part, sort: "-net_pnl", limit: ENDS_MARKED });
      return { ...shown, marks: [...worst.items.slice(0, ENDS_MARKED), ...best.items].map(markOf) };
    },
  });
}

/** Which of the trades the marks are. */
function markedNote({ total, part }: { total: number; part: boolean }): string {
  const trades = `${plural(total, "trade")}${part ? " closed in this part" : ""}`;
  if (total > ALL_MARKED) return ` · the ${ENDS_MARKED} best and ${ENDS_MARKED} worst of ${trades} marked`;
  return part ? ` · ${trades}${total > 1 ? ", all marked" : ""}` : "";
}

/** The part of a long run that is looked at closely, once it stops moving; null while all of it is in sight. */
function useWindow(points: readonly { t: string }[] | undefined) {
  const [seen, setSeen] = useState<{ from: number; to: number } | null>(null);
  const settled = useDebounced(seen, SETTLED_MS);
  const window = useMemo<TimeWindow | null>(() => {
    const first = points?.[0];
    const last = points?.at(-1);
    if (!settled || !first || !last) return null;
    const span = (Date.parse(last.t) - Date.parse(first.t)) / 1000;
    if (settled.to - settled.from > span * 0.7) return null;
    return { from: new Date(settled.from * 1000).toISOString(), to: new Date(settled.to * 1000).toISOString() };
  }, [settled, points]);
  return { window, onWindow: (from: number, to: number) => setSeen({ from, to }) };
}

/** Equity and drawdown with trades marked; what is looked at closely is fetched finer. */
export function RunEquity({ run, large }: { run: Run; large?: boolean }) {
  const api = useApi();
  const { showTrades } = useActions();
  const equity = useQuery({
    queryKey: ["equity", run.id, run.version],
    queryFn: () => api.runs.equity(run.model_id, run.id),
  });
  const whole = equity.data;
  const { window, onWindow } = useWindow(large ? whole?.points : undefined);
  const thinned = whole !== undefined && whole.total_points > whole.points.length;
  const finer = useQuery({
    queryKey: ["equity", run.id, run.version, window],
    queryFn: () => api.runs.equity(run.model_id, run.id, window ?? undefined),
    enabled: thinned && window !== null,
    placeholderData: keepPreviousData,
  });
  const marks = useMarks(run, window);
  const part = window && thinned ? finer.data?.points : undefined;
  const points = useMemo(() => (whole ? (part ? refine(whole.points, part) : whole.points) : []), [whole, part]);
  const shown = marks.data?.marks;
  const basis = whole ? (BASIS[whole.basis] ?? whole.basis) : "";
  const marked = marks.data ? markedNote(marks.data) : "";
  const open = (id: number): void => showTrades({ run, ids: [id], title: `Trade #${id}` });
  return (
    <Section title="Equity and drawdown" note={`${basis}${large ? marked : ""}`}>
      {equity.error ? <ProblemNote error={equity.error} onRetry={() => void equity.refetch()} /> : null}
      {equity.isPending ? <Skeleton className={large ? "h-80 @3xl:h-96" : "h-64"} /> : null}
      {whole && whole.points.length < 2 ? <EmptyState title="Too few points for a curve" /> : null}
      {whole && whole.points.length >= 2 ? (
        <EquityChart
          points={points}
          currency={run.currency}
          marks={shown}
          onMark={open}
          onWindow={large ? onWindow : undefined}
          large={large}
        />
      ) : null}
    </Section>
  );
}
