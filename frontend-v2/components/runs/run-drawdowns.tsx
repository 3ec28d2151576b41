import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { AskButton } from "@/components/chat/ask-button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { useFetched } from "@/hooks/use-fetched";
import { cn } from "@/lib/cn";
import { formatCount, formatMoney, formatNumber, formatPct, formatSigned, plural, toneOf } from "@/lib/format";
import { questionOfDrawdown } from "@/lib/questions";
import { justAfter } from "@/lib/trade-choices";
import { textFromFilter } from "@/lib/trade-filter";
import type { Run } from "@/lib/types";

const HEADS = ["Depth", "From", "Lowest", "Recovered", "Days under", "Trades down", "Net"];

/** The deepest falls from a peak; each opens the trades closed on the way down. */
export function RunDrawdowns({ run }: { run: Run }) {
  const api = useApi();
  const { go } = useView();
  const drawdowns = useFetched({
    queryKey: ["drawdowns", run.id, run.version],
    queryFn: () => api.runs.drawdowns(run.model_id, run.id),
  });
  const { data } = drawdowns;
  // Where each fall took days, the hour says nothing.
  const clock = data?.items.some((period) => period.days_under_water < 1) ?? false;
  const note =
    data && data.total > data.items.length ? `the deepest ${data.items.length} of ${formatCount(data.total)}` : "";
  return (
    <Section title="Drawdowns" note={note} testId="drawdowns">
      {drawdowns.error ? <ProblemNote error={drawdowns.error} onRetry={() => void drawdowns.refetch()} /> : null}
      {drawdowns.isPending ? <Skeleton className="h-48" /> : null}
      {data && !data.items.length ? <EmptyState title="Equity never fell below its peak" /> : null}
      {data?.items.length ? (
        <div className="overflow-x-auto rounded-md border bg-panel" tabIndex={0} role="region" aria-label="Drawdowns">
          <table className="tnum w-full text-xs">
            <thead className="bg-raised text-2xs text-ink-2">
              <tr>
                {HEADS.map((head, index) => (
                  <th
                    key={head}
                    scope="col"
                    className={cn(
                      "px-2 py-1.5 font-medium whitespace-nowrap",
                      index === 0 || index > 3 ? "text-end" : "text-start",
                    )}
                  >
                    {head}
                  </th>
                ))}
                <th scope="col" className="w-8">
                  <span className="sr-only">Ask</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((period) => {
                const depth = period.depth_pct === null ? formatMoney(period.depth) : formatPct(period.depth_pct);
                return (
                  <tr key={period.rank} className="border-t hover:bg-hover">
                    <td className="px-2 py-1 text-end">
                      <button
                        type="button"
                        data-testid="drawdown-row"
                        className="text-loss hover:underline"
                        title={`${plural(period.trade_count, "trade")} closed on the way down`}
                        onClick={() =>
                          go({
                            tab: "trades",
                            filter: textFromFilter({
                              closed_from: justAfter(period.peak_at),
                              closed_to: justAfter(period.trough_at),
                            }),
                          })
                        }
                      >
                        {depth}
                      </button>
                    </td>
                    <td className="px-2 py-1 whitespace-nowrap text-ink-2">
                      <Time iso={period.peak_at} clock={clock} />
                    </td>
                    <td className="px-2 py-1 whitespace-nowrap text-ink-2">
                      <Time iso={period.trough_at} clock={clock} />
                    </td>
                    <td className="px-2 py-1 whitespace-nowrap text-ink-2">
                      {period.recovered_at ? <Time iso={period.recovered_at} clock={clock} /> : "not yet"}
                    </td>
                    <td className="px-2 py-1 text-end text-ink-2">{formatNumber(period.days_under_water, 1)}</td>
                    <td className="px-2 py-1 text-end text-ink-2">{formatCount(period.trade_count)}</td>
                    <td className={cn("px-2 py-1 text-end", toneOf(period.net_pnl))}>{formatSigned(period.net_pnl)}</td>
                    <td className="py-0.5 pe-1">
                      <AskButton
                        question={questionOfDrawdown(period, run.currency)}
                        about={`the drawdown of ${depth}`}
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : null}
    </Section>
  );
}
