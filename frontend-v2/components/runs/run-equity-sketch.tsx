import { ZoomIn } from "lucide-react";
import { EquitySketch } from "@/components/charts/equity-sketch";
import type { TradeMark } from "@/components/charts/series";
import { useActions } from "@/hooks/use-actions";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { basisText, useTradeMarks } from "@/hooks/use-trade-marks";
import { useFetched } from "@/hooks/use-fetched";
import type { Run } from "@/lib/types";

const NO_MARKS: readonly TradeMark[] = [];

export interface RunEquitySketchProps {
  run: Run;
  /** Where one can look closer here; beside the chat that is the report's. */
  onCloser?: () => void;
}

/** The run's equity in small. */
export function RunEquitySketch({ run, onCloser }: RunEquitySketchProps) {
  const api = useApi();
  const { showTrades } = useActions();
  const equity = useFetched({
    queryKey: ["equity", run.id, run.version],
    queryFn: () => api.runs.equity(run.model_id, run.id),
  });
  const marks = useTradeMarks(run, null);
  const points = equity.data?.points;
  return (
    <Section title="Equity and drawdown" note={equity.data ? basisText(equity.data.basis) : ""}>
      {equity.error ? <ProblemNote error={equity.error} onRetry={() => void equity.refetch()} /> : null}
      {equity.isPending ? <Skeleton className="h-80" /> : null}
      {points && points.length < 2 ? <EmptyState title="Too few points for a curve" /> : null}
      {points && points.length >= 2 ? (
        <EquitySketch
          points={points}
          currency={run.currency}
          marks={marks.data?.marks ?? NO_MARKS}
          onMark={(id) => showTrades({ run, ids: [id], title: `Trade #${id}` })}
          action={
            onCloser ? (
              <Button size="sm" variant="ghost" className="-my-1.5" onClick={onCloser}>
                <ZoomIn aria-hidden />
                Look closer
              </Button>
            ) : null
          }
        />
      ) : null}
    </Section>
  );
}
