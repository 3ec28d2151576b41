"use client";

import { useQuery } from "@tanstack/react-query";
import { MessageCircleQuestion } from "lucide-react";
import { FigureOriginView } from "@/components/evidence/figure-origin";
import { MarkedEquity } from "@/components/evidence/marked-equity";
import type { Evidence } from "@/components/shell/actions-provider";
import { useAsk } from "@/components/shell/ask-provider";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { plural } from "@/lib/format";
import { TradeCard } from "./trade-card";

/** Addresses stay short enough for any proxy; an answer rarely cites more. */
const MOST = 200;
/** A side panel; on a phone a sheet from below, which leaves the answer's top in sight. */
const PLACE =
  "max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:h-[82dvh] max-md:w-full max-md:rounded-t-xl max-md:border-t";

function questionAbout({ ids, title, figure }: Evidence): string {
  if (figure) return `Where does ${figure.text} come from, and what does it say about the run?`;
  if (ids.length === 1) return `Why did trade #${ids[0]} turn out as it did?`;
  return `What do these trades have in common: ${ids
    .slice(0, 20)
    .map((id) => `#${id}`)
    .join(", ")} (${title})?`;
}

/** The very trades behind a figure, and what the figure is. */
export function TradesPanel({ evidence, onClose }: { evidence: Evidence; onClose: () => void }) {
  const api = useApi();
  const ask = useAsk();
  const { run, title, figure, tools } = evidence;
  const ids = [...new Set(evidence.ids)].slice(0, MOST);
  const trades = useQuery({
    queryKey: ["trades", run.id, run.version, ids],
    queryFn: () => api.runs.trades({ modelId: run.model_id, runId: run.id }, { ids, limit: MOST }),
    enabled: ids.length > 0,
  });
  const shown = trades.data?.items ?? [];
  const more = evidence.ids.length > ids.length ? `, the first ${ids.length} shown` : "";
  const count = evidence.ids.length ? ` · ${plural(evidence.ids.length, "trade")}${more}` : "";
  const askAbout = (): void => {
    onClose();
    // The panel gives the focus back to where it was opened from, and the composer wants it after that.
    setTimeout(() => ask(questionAbout(evidence)));
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      side="sheet"
      className={PLACE}
      title={title}
      description={`Run #${run.run_number}${count}`}
      testId="trades-panel"
    >
      <div className="space-y-4">
        {figure ? <FigureOriginView figure={figure} tools={tools ?? []} /> : null}
        {shown.length ? <MarkedEquity run={run} trades={shown} /> : null}
        <Button size="sm" data-testid="ask-about-evidence" onClick={askAbout}>
          <MessageCircleQuestion aria-hidden /> Ask about this
        </Button>
        {trades.error ? <ProblemNote error={trades.error} onRetry={() => void trades.refetch()} /> : null}
        {trades.isLoading ? (
          <div className="space-y-2" role="status" aria-label="Loading trades">
            <Skeleton className="h-28" />
            <Skeleton className="h-28" />
          </div>
        ) : null}
        {ids.length && !trades.isLoading && !trades.error && !shown.length ? (
          <EmptyState title="No such trades in this run" />
        ) : null}
        <ul className="space-y-2.5">
          {shown.map((trade) => (
            <li key={trade.trade_id}>
              <TradeCard trade={trade} currency={run.currency} />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
