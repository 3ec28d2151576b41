import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { EquityChart } from "@/components/charts/equity-chart";
import { refine } from "@/components/charts/series";
import { useActions } from "@/hooks/use-actions";
import { useApi } from "@/components/shell/auth-provider";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { useDebounced } from "@/hooks/use-debounced";
import { ALL_MARKED, basisText, ENDS_MARKED, useTradeMarks } from "@/hooks/use-trade-marks";
import { useFetched } from "@/hooks/use-fetched";
import { ROOMY, useWide } from "@/hooks/use-wide";
import type { TimeWindow } from "@/lib/api";
import { plural } from "@/lib/format";
import type { EquityPoint, Run } from "@/lib/types";
import { RunEquitySketch } from "./run-equity-sketch";

const SETTLED_MS = 300;
const NONE: readonly EquityPoint[] = [];

/** Which of the trades the marks are. */
function markedNote({ total, part }: { total: number; part: boolean }): string {
  const trades = `${plural(total, "trade")}${part ? " closed in this part" : ""}`;
  if (total > ALL_MARKED) return `${ENDS_MARKED} best and ${ENDS_MARKED} worst of ${trades} marked`;
  return part ? `${trades}${total > 1 ? ", all marked" : ""}` : "";
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
function EquityInDetail({ run }: { run: Run }) {
  const api = useApi();
  const { showTrades } = useActions();
  const equity = useFetched({
    queryKey: ["equity", run.id, run.version],
    queryFn: () => api.runs.equity(run.model_id, run.id),
  });
  const whole = equity.data;
  const { window, onWindow } = useWindow(whole?.points);
  const thinned = whole !== undefined && whole.total_points > whole.points.length;
  const finer = useFetched({
    queryKey: ["equity", run.id, run.version, window],
    queryFn: () => api.runs.equity(run.model_id, run.id, window ?? undefined),
    enabled: thinned && window !== null,
    placeholderData: keepPreviousData,
  });
  const marks = useTradeMarks(run, window);
  const part = window && thinned ? finer.data?.points : undefined;
  const points = useMemo(() => (whole ? (part ? refine(whole.points, part) : whole.points) : []), [whole, part]);
  const shown = marks.data?.marks;
  const basis = whole ? basisText(whole.basis) : "";
  const marked = marks.data ? markedNote(marks.data) : "";
  const open = (id: number): void => showTrades({ run, ids: [id], title: `Trade #${id}` });
  return (
    <Section title="Equity and drawdown" note={basis}>
      {equity.error ? <ProblemNote error={equity.error} onRetry={() => void equity.refetch()} /> : null}
      {whole && whole.points.length < 2 ? <EmptyState title="Too few points for a curve" /> : null}
      {equity.isPending || points.length >= 2 ? (
        <EquityChart
          // The marks come about when the points do: together they are painted once. A curve does without, if it has to.
          points={marks.isLoading && !marks.failureCount ? NONE : points}
          currency={run.currency}
          marks={shown}
          note={marked}
          onMark={open}
          onWindow={onWindow}
        />
      ) : null}
    </Section>
  );
}

/**
 * The run's equity in the report. On a phone a sketch of it, which a finger scrolls past and which costs no chart library,
 * until the reader wants to look closer.
 */
export function RunEquity({ run }: { run: Run }) {
  const roomy = useWide(ROOMY);
  const [closer, setCloser] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed is gone.
    if (closer) place.current?.focus();
  }, [closer]);
  if (!roomy && !closer) return <RunEquitySketch run={run} onCloser={() => setCloser(true)} />;
  return (
    <div ref={place} tabIndex={-1} className="outline-none">
      <EquityInDetail run={run} />
    </div>
  );
}
