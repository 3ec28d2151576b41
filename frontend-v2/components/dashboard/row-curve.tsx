import { useMemo } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { useAskRun } from "@/components/shell/ask-provider";
import { Button } from "@/components/ui/button";
import { useFetched } from "@/hooks/use-fetched";
import { whyOf } from "@/lib/questions";
import type { EquityPoint, Run } from "@/lib/types";

const WIDTH = 112;
const HEIGHT = 22;
const POINTS = 60;

function pathOf(points: readonly EquityPoint[]): string | null {
  const times = points.map(({ t }) => Date.parse(t));
  const levels = points.map(({ equity }) => equity);
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0];
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  if (points.length < 2 || to === from) return null;
  const x = (at: number): number => ((at - from) / (to - from)) * WIDTH;
  const y = (level: number): number => (high === low ? HEIGHT / 2 : ((high - level) / (high - low)) * (HEIGHT - 2) + 1);
  return levels.map((level, i) => `${i ? "L" : "M"}${x(times[i] ?? 0).toFixed(1)} ${y(level).toFixed(1)}`).join("");
}

/** Two cells of a run's row: its equity in small, and the question that most ask first. */
export function RowCurve({ run }: { run: Run }) {
  const api = useApi();
  const askRun = useAskRun();
  const equity = useFetched({
    queryKey: ["equity", run.id, run.version, POINTS],
    queryFn: () => api.runs.equity(run.model_id, run.id, undefined, POINTS),
  });
  const path = useMemo(() => pathOf(equity.data?.points ?? []), [equity.data]);
  const question = whyOf(run);
  return (
    <>
      <td className="hidden w-32 px-2 lg:table-cell">
        {path ? (
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            width={WIDTH}
            height={HEIGHT}
            role="img"
            aria-label={`Equity of ${run.name} from its start to its end`}
            data-testid="row-curve"
          >
            <path
              d={path}
              fill="none"
              strokeWidth={1.5}
              className={(run.summary.total_pnl ?? 0) < 0 ? "stroke-loss" : "stroke-gain"}
            />
          </svg>
        ) : null}
      </td>
      <td className="w-20 px-1 text-end">
        <Button
          size="sm"
          variant="ghost"
          data-testid="row-ask"
          aria-label={`Ask why: ${question} (${run.name})`}
          title={question}
          className="text-accent-ink whitespace-nowrap"
          onClick={() => askRun(run.id, question)}
        >
          Ask why
        </Button>
      </td>
    </>
  );
}
