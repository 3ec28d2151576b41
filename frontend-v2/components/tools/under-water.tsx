import { useId, useMemo } from "react";
import { PointsTable } from "@/components/charts/points-table";
import { useApi } from "@/components/shell/auth-provider";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useFetched } from "@/hooks/use-fetched";
import { formatPct, formatTime } from "@/lib/format";
import type { EquityPoint, Run } from "@/lib/types";

const WIDTH = 640;
const HEIGHT = 140;
const COLUMNS = { "From the peak": (point: EquityPoint) => formatPct(point.drawdown) };

function plot(points: readonly EquityPoint[]) {
  const start = Date.parse(points[0]?.t ?? "");
  const span = Date.parse(points.at(-1)?.t ?? "") - start || 1;
  const deepest = points.reduce((low, point) => (point.drawdown < low.drawdown ? point : low));
  const depth = Math.min(deepest.drawdown, -0.01);
  const x = (point: EquityPoint): number => ((Date.parse(point.t) - start) / span) * WIDTH;
  const y = (point: EquityPoint): number => (point.drawdown / depth) * (HEIGHT - 4);
  const line = points
    .map((point, index) => `${index ? "L" : "M"}${x(point).toFixed(1)} ${y(point).toFixed(1)}`)
    .join("");
  return {
    line,
    area: `${line}L${WIDTH} 0L0 0Z`,
    deepest,
    spot: { x: (x(deepest) / WIDTH) * 100, y: (y(deepest) / HEIGHT) * 100 },
  };
}

/** How far the run was below its own peak, over time. */
export function UnderWater({ run }: { run: Run }) {
  const api = useApi();
  const gradient = useId();
  const equity = useFetched({
    queryKey: ["equity", run.id, run.version],
    queryFn: () => api.runs.equity(run.model_id, run.id),
  });
  const points = equity.data?.points;
  const drawn = useMemo(() => (points && points.length > 1 ? plot(points) : null), [points]);
  if (equity.error) return <ProblemNote error={equity.error} onRetry={() => void equity.refetch()} />;
  if (equity.isPending) return <Skeleton className="h-40" />;
  if (!drawn) return <EmptyState title="Too few points for a curve" />;
  const { deepest, spot } = drawn;
  const words = `Deepest ${formatPct(deepest.drawdown)} from the peak, on ${formatTime(deepest.t, false)}`;
  return (
    <figure className="space-y-1" data-testid="under-water">
      <figcaption className="text-xs text-ink-2">{words}</figcaption>
      <div className="relative" dir="ltr">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Drawdown over time. ${words}`}
          className="h-36 w-full border-t border-line-strong"
        >
          <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="var(--color-loss)" stopOpacity="0.1" />
            <stop offset="1" stopColor="var(--color-loss)" stopOpacity="0.45" />
          </linearGradient>
          <path d={drawn.area} fill={`url(#${gradient})`} />
          <path
            d={drawn.line}
            fill="none"
            className="stroke-loss"
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
          />
        </svg>
        <span
          aria-hidden
          className="absolute size-2 -translate-x-1/2 -translate-y-1/2 rounded-full bg-loss ring-2 ring-panel"
          style={{ left: `${spot.x}%`, top: `${spot.y}%` }}
        />
      </div>
      <p className="tnum flex justify-between text-2xs text-ink-3" aria-hidden>
        <span>{formatTime(points?.[0]?.t, false)}</span>
        <span>{formatTime(points?.at(-1)?.t, false)}</span>
      </p>
      <PointsTable points={points ?? []} columns={COLUMNS} />
    </figure>
  );
}
