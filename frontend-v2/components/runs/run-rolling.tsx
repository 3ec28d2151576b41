import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { ChartCredit } from "@/components/charts/chart-credit";
import { PointsTable } from "@/components/charts/points-table";
import { useApi } from "@/components/shell/auth-provider";
import { useView } from "@/components/shell/view-provider";
import { AskButton } from "@/components/chat/ask-button";
import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { EmptyState } from "@/components/ui/empty-state";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { Tip } from "@/components/ui/tip";
import { formatCount } from "@/lib/format";
import { questionOfRolling } from "@/lib/questions";
import { curveOf, endsOf, formatRolling, pointsOf, type RollingFigure, type RollingPoint } from "@/lib/rolling";
import { justAfter } from "@/lib/trade-choices";
import { textFromFilter } from "@/lib/trade-filter";
import type { Rolling, Run } from "@/lib/types";

const FIGURES: readonly { value: RollingFigure; label: string }[] = [
  { value: "expectancy", label: "Expectancy" },
  { value: "win_rate", label: "Win rate" },
  { value: "profit_factor", label: "Profit factor" },
  { value: "sharpe", label: "Sharpe" },
];
const nameOf = (figure: RollingFigure): string => FIGURES.find(({ value }) => value === figure)?.label ?? "";

const OverlayChart = onDemand(
  () => import("@/components/charts/overlay-chart").then((module) => module.OverlayChart),
  () => <Skeleton className="h-56" />,
);

interface DrawnProps {
  run: Run;
  rolling: Rolling;
  figure: RollingFigure;
}

/** One point of the curve: what it is of, its trades, and a question about it. */
function Point({ run, rolling, figure, point, named }: DrawnProps & { point: RollingPoint; named: string }) {
  const { go } = useView();
  const inDays = figure === "sharpe";
  const { window } = inDays ? rolling.days : rolling.trades;
  const value = formatRolling(figure, point.value, run.currency);
  const filter = textFromFilter({
    closed_from: point.since,
    closed_to: inDays ? new Date(Date.parse(point.t) + 86_400_000).toISOString() : justAfter(point.t),
  });
  const over = `the ${formatCount(window)} ${inDays ? "days" : "trades closed"}`;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs" role="status" data-testid="rolling-point">
      <p className="tnum">
        {named} <b className="font-semibold">{value}</b>
        <span className="text-ink-2">
          , over {over} from <Time iso={point.since} clock={!inDays} /> to <Time iso={point.t} clock={!inDays} />
        </span>
      </p>
      <Button size="sm" onClick={() => go({ tab: "trades", filter })}>
        Show the trades
      </Button>
      <AskButton
        labelled
        question={questionOfRolling(nameOf(figure), value, over, point.since, point.t)}
        about={`${nameOf(figure)} of ${value}`}
      />
    </div>
  );
}

function Drawn(props: DrawnProps) {
  const { run, rolling, figure } = props;
  const points = useMemo(() => pointsOf(rolling, figure), [rolling, figure]);
  const curves = useMemo(() => [{ name: nameOf(figure), points: curveOf(points) }], [points, figure]);
  const format = useCallback((value: number) => formatRolling(figure, value), [figure]);
  const [chosen, setChosen] = useState<RollingPoint | null>(null);
  const ends = endsOf(points);
  const point = chosen && points.includes(chosen) ? chosen : ends?.lowest;
  const last = points.at(-1);
  const show = (value: number | null | undefined): string => formatRolling(figure, value ?? null);
  return (
    <div className="space-y-2 rounded-md border bg-panel p-2 @3xl:p-3">
      <dl className="tnum flex flex-wrap items-center gap-x-5 gap-y-1 text-xs">
        {[
          ["At the end", show(last?.value)],
          ["Highest", show(ends?.highest.value)],
          ["Lowest", show(ends?.lowest.value)],
        ].map(([label, value]) => (
          <div key={label} className="flex items-baseline gap-1.5">
            <dt className="text-2xs text-ink-3">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div className="ms-auto">
          <dt className="sr-only">Definition</dt>
          <dd>
            <Tip tap text={`${rolling.definitions[figure] ?? ""} Each point: ${rolling.basis}.`}>
              <button
                type="button"
                className="min-h-6 text-ink-2 underline decoration-dotted underline-offset-2 hover:text-ink"
              >
                How it is computed
              </button>
            </Tip>
          </dd>
        </div>
      </dl>
      <OverlayChart
        curves={curves}
        format={format}
        label={`${nameOf(figure)}, rolling, from ${show(ends?.lowest.value)} to ${show(ends?.highest.value)}`}
        className="h-56"
        onMoment={(seconds) =>
          setChosen(points.findLast(({ t }) => Math.floor(Date.parse(t) / 1000) === seconds) ?? null)
        }
      />
      <ChartCredit />
      {point ? (
        <Point
          {...props}
          point={point}
          named={point === ends?.lowest ? `Lowest ${nameOf(figure).toLowerCase()}` : nameOf(figure)}
        />
      ) : null}
      <PointsTable
        points={points}
        columns={{ [nameOf(figure)]: ({ value }) => formatRolling(figure, value, run.currency) }}
      />
    </div>
  );
}

/** How the figures moved during the run: over the trades closed last, or the days that ended last. */
export function RunRolling({ run }: { run: Run }) {
  const api = useApi();
  const [figure, setFigure] = useState<RollingFigure>("expectancy");
  const [windows, setWindows] = useState<{ window?: number; days?: number }>({});
  const rolling = useQuery({
    queryKey: ["rolling", run.id, run.version, windows],
    queryFn: () => api.runs.rolling(run.model_id, run.id, windows),
    placeholderData: keepPreviousData,
  });
  const { data } = rolling;
  const inDays = figure === "sharpe";
  const shown = inDays ? data?.days : data?.trades;
  const offered = shown?.windows.map((size) => ({ value: String(size), label: formatCount(size) })) ?? [];
  return (
    <Section
      title="Rolling statistics"
      note={shown ? `over the last ${formatCount(shown.window)} ${inDays ? "daily returns" : "closed trades"}` : ""}
      testId="run-rolling"
      actions={
        <>
          {offered.length > 1 ? (
            <Choice
              label={inDays ? "Days in the window" : "Trades in the window"}
              options={offered}
              value={String(shown?.window)}
              onChange={(size) => setWindows((now) => ({ ...now, [inDays ? "days" : "window"]: Number(size) }))}
              testId="rolling-window"
            />
          ) : null}
          <Choice label="Figure" options={FIGURES} value={figure} onChange={setFigure} testId="rolling-figure" />
        </>
      }
    >
      {rolling.error ? <ProblemNote error={rolling.error} onRetry={() => void rolling.refetch()} /> : null}
      {rolling.isPending ? <Skeleton className="h-80" /> : null}
      {shown && !shown.points.length ? (
        <EmptyState title={inDays ? "Too few days for this" : "Too few closed trades for this"}>
          <p className="first-letter:uppercase">{shown.why}</p>
        </EmptyState>
      ) : null}
      {data && shown?.points.length ? <Drawn run={run} rolling={data} figure={figure} /> : null}
    </Section>
  );
}
