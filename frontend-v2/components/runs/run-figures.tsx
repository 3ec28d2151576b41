import { ProblemNote } from "@/components/ui/problem-note";
import { useMetrics } from "@/hooks/use-metrics";
import { plural } from "@/lib/format";
import type { Run } from "@/lib/types";
import { MetricTile } from "./metric-tile";

const HEADLINE = [
  "total_pnl",
  "total_return",
  "max_drawdown",
  "net_pnl",
  "open_pnl",
  "win_rate",
  "profit_factor",
  "sharpe",
  "trade_count",
];

const GRID = "grid grid-cols-3 gap-1.5 @3xl:grid-cols-5 @5xl:grid-cols-9";
/** What is folded away stands in one line, whose place is there from the start. */
const FOLDS = "flex min-h-7 flex-wrap items-center gap-x-3 gap-y-2 text-xs [&>details[open]]:w-full";

/** As large as the figures will be. */
function Waiting() {
  return (
    <div aria-hidden className="space-y-2">
      <div className={GRID}>
        {HEADLINE.map((name) => (
          <div key={name} className="rounded-md border bg-raised px-2 py-1.5">
            <p className="text-2xs">&nbsp;</p>
            <p className="text-sm">&nbsp;</p>
          </div>
        ))}
      </div>
      <div className={FOLDS} />
    </div>
  );
}

/** The headline figures as tiles and the rest as a list, each with its definition. */
export function RunFigures({ run }: { run: Run }) {
  const metrics = useMetrics(run);
  if (metrics.error) return <ProblemNote error={metrics.error} onRetry={() => void metrics.refetch()} />;
  if (!metrics.data) return <Waiting />;
  const { figures } = metrics.data;
  // What the import left unexplained stays with the run.
  const warnings = [...new Set([...(run.warnings ?? []), ...metrics.data.warnings])];
  const rest = Object.entries(figures).filter(([name]) => !HEADLINE.includes(name));
  return (
    <div className="space-y-2">
      <div className={GRID}>
        {HEADLINE.map((name) => (
          <MetricTile key={name} name={name} figure={figures[name]} currency={run.currency} />
        ))}
      </div>
      <div className={FOLDS}>
        {warnings.length ? (
          <details className="rounded-md border border-warn/30 bg-warn/5 px-2.5 py-1 text-xs">
            <summary className="text-warn">{plural(warnings.length, "note")} on this run</summary>
            <ul className="mt-1.5 list-disc space-y-1 ps-4 text-ink-2">
              {warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </details>
        ) : null}
        {rest.length ? (
          <details className="text-xs">
            <summary className="text-ink-2 hover:text-ink">All {Object.keys(figures).length} figures</summary>
            <div className="mt-1.5 grid gap-x-4 @md:grid-cols-2 @3xl:grid-cols-3 @6xl:grid-cols-4">
              {rest.map(([name, figure]) => (
                <MetricTile key={name} name={name} figure={figure} currency={run.currency} row />
              ))}
            </div>
          </details>
        ) : null}
      </div>
    </div>
  );
}
