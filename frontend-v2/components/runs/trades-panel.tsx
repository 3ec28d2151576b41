import { useQuery } from "@tanstack/react-query";
import { List, MessageCircleQuestion } from "lucide-react";
import { FigureOriginView } from "@/components/evidence/figure-origin";
import { MarkedEquity } from "@/components/evidence/marked-equity";
import type { Evidence } from "@/hooks/use-actions";
import { useAsk } from "@/components/shell/ask-provider";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { tradesBehind } from "@/lib/figure-marks";
import { formatQuoted, plural } from "@/lib/format";
import { sortOfEvidence } from "@/lib/trade-choices";
import { runSubject } from "@/lib/subject";
import { textFromFilter, type TradeFilter } from "@/lib/trade-filter";
import { TradeCard } from "./trade-card";

/** What one looks through in a panel; the trade list shows any number. */
const MOST = 50;
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
  const { go } = useView();
  const { run, title, figure, tools } = evidence;
  const where = evidence.where ?? tradesBehind(figure);
  const ids = [...new Set(evidence.ids)].slice(0, MOST);
  const wanted = where ? { ...where, sort: sortOfEvidence(where) } : { ids };
  const trades = useQuery({
    queryKey: ["trades", run.id, run.version, wanted],
    queryFn: () => api.runs.trades({ modelId: run.model_id, runId: run.id }, { ...wanted, limit: MOST }),
    enabled: where !== null || ids.length > 0,
  });
  const shown = trades.data?.items ?? [];
  const total = where ? (trades.data?.total ?? 0) : evidence.ids.length;
  const more = total > shown.length && shown.length ? `, ${shown.length} shown` : "";
  const count = total ? ` · ${plural(total, "trade")}${more}` : "";
  const listAll = (filter: TradeFilter): void => {
    onClose();
    go({ page: "run", subject: runSubject(run.id), tab: "trades", filter: textFromFilter(filter) });
  };
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
      title={figure ? formatQuoted(title) : title}
      description={`Run #${run.run_number}${count}`}
      testId="trades-panel"
    >
      <div className="space-y-4">
        {figure ? <FigureOriginView figure={figure} tools={tools ?? []} /> : null}
        {shown.length ? <MarkedEquity run={run} trades={shown} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button size="sm" data-testid="ask-about-evidence" onClick={askAbout}>
            <MessageCircleQuestion aria-hidden /> Ask about this
          </Button>
          {where && total > shown.length ? (
            <Button size="sm" data-testid="list-all-evidence" onClick={() => listAll(where)}>
              <List aria-hidden /> All {plural(total, "trade")} in the list
            </Button>
          ) : null}
        </div>
        {trades.error ? <ProblemNote error={trades.error} onRetry={() => void trades.refetch()} /> : null}
        {trades.isLoading ? (
          <div className="space-y-2" role="status" aria-label="Loading trades">
            <Skeleton className="h-28" />
            <Skeleton className="h-28" />
          </div>
        ) : null}
        {(where || ids.length) && !trades.isLoading && !trades.error && !shown.length ? (
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
