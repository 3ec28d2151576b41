import { useMemo } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Skeleton } from "@/components/ui/skeleton";
import { useFetched } from "@/hooks/use-fetched";
import { formatMoney, formatTime, plural } from "@/lib/format";
import { markedCurve } from "@/lib/marked-curve";
import type { Run, Trade } from "@/lib/types";

const WIDTH = 480;
const HEIGHT = 110;

/** The run's equity in small, with the given trades marked on it: a triangle where one opened, a dot where it closed. */
export function MarkedEquity({ run, trades }: { run: Run; trades: readonly Trade[] }) {
  const api = useApi();
  const equity = useFetched({
    queryKey: ["equity", run.id, run.version],
    queryFn: () => api.runs.equity(run.model_id, run.id),
  });
  const points = equity.data?.points;
  const curve = useMemo(() => (points ? markedCurve(points, trades, WIDTH, HEIGHT) : null), [points, trades]);
  if (equity.isPending) return <Skeleton className="h-28" />;
  if (!curve) return null;
  const label = `Equity of the run from ${formatMoney(curve.first, run.currency)} to ${formatMoney(curve.last, run.currency)}, with ${plural(trades.length, "trade")} marked`;
  return (
    <figure className="space-y-1" data-testid="marked-equity">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className="h-auto w-full overflow-visible">
        {curve.marks.map(({ trade, from, to }) => (
          <rect
            key={`span-${trade.trade_id}`}
            x={from.x}
            width={Math.max(to.x - from.x, 1)}
            y={0}
            height={HEIGHT}
            className={(trade.net_pnl ?? 0) < 0 ? "fill-loss" : "fill-gain"}
            opacity={0.14}
          />
        ))}
        <path
          d={curve.path}
          fill="none"
          className="stroke-accent-ink"
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
        />
        {curve.marks.map(({ trade, from, to }) => (
          <g
            key={trade.trade_id}
            className={(trade.net_pnl ?? 0) < 0 ? "fill-loss" : "fill-gain"}
            data-testid="trade-mark"
          >
            <title>{`#${trade.trade_id} ${trade.symbol}: ${formatMoney(trade.net_pnl, run.currency)}`}</title>
            <path d={`M${from.x - 4} ${from.y + 4}h8l-4 -7z`} className="stroke-panel" strokeWidth={0.75} />
            {trade.closed_at ? (
              <circle cx={to.x} cy={to.y} r={3.5} className="stroke-panel" strokeWidth={0.75} />
            ) : null}
          </g>
        ))}
      </svg>
      <figcaption className="tnum flex justify-between text-2xs text-ink-3">
        <span>{formatTime(curve.start, false)}</span>
        <span>▲ opened · ● closed</span>
        <span>{formatTime(curve.end, false)}</span>
      </figcaption>
    </figure>
  );
}
