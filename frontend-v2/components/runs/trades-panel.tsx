"use client";

import { useQuery } from "@tanstack/react-query";
import type { Evidence } from "@/components/shell/actions-provider";
import { useApi } from "@/components/shell/auth-provider";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { plural } from "@/lib/format";
import { TradeCard } from "./trade-card";

/** Addresses stay short enough for any proxy; an answer rarely cites more. */
const MOST = 200;

/** The very trades behind a figure. */
export function TradesPanel({ evidence, onClose }: { evidence: Evidence; onClose: () => void }) {
  const api = useApi();
  const { run, title } = evidence;
  const ids = [...new Set(evidence.ids)].slice(0, MOST);
  const trades = useQuery({
    queryKey: ["trades", run.id, run.version, ids],
    queryFn: () => api.runs.trades({ modelId: run.model_id, runId: run.id }, { ids, limit: MOST }),
    enabled: ids.length > 0,
  });
  const shown = trades.data?.items ?? [];
  const more = evidence.ids.length > ids.length ? `, the first ${ids.length} shown` : "";
  return (
    <Dialog
      open
      onOpenChange={onClose}
      side="sheet"
      title={title}
      description={`Run #${run.run_number} · ${plural(evidence.ids.length, "trade")}${more}`}
      testId="trades-panel"
    >
      {trades.error ? <ProblemNote error={trades.error} onRetry={() => void trades.refetch()} /> : null}
      {trades.isLoading ? (
        <div className="space-y-2" role="status" aria-label="Loading trades">
          <Skeleton className="h-28" />
          <Skeleton className="h-28" />
        </div>
      ) : null}
      {!trades.isLoading && !trades.error && !shown.length ? <EmptyState title="No such trades in this run" /> : null}
      <ul className="space-y-2.5">
        {shown.map((trade) => (
          <li key={trade.trade_id}>
            <TradeCard trade={trade} currency={run.currency} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
