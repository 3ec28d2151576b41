import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { ChartCredit } from "@/components/charts/chart-credit";
import { lineOf, type Curve } from "@/components/charts/overlay-chart";
import { onDemand } from "@/components/ui/on-demand";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import {
  callCompared,
  evenly,
  formatOverlay,
  needsPercent,
  overlayOf,
  standApart,
  type OverlayPoint,
} from "@/lib/compare";
import type { ComparedRun, Equity } from "@/lib/types";

const OverlayChart = onDemand(
  () => import("@/components/charts/overlay-chart").then((module) => module.OverlayChart),
  () => <Skeleton className="h-72" />,
);

const POINTS = 400;
const SAMPLES = [0, 0.25, 0.5, 0.75, 1] as const;
const INK: Record<ReturnType<typeof lineOf>["token"], string> = {
  "accent-ink": "border-accent-ink",
  warn: "border-warn",
  gain: "border-gain",
  tool: "border-tool",
  loss: "border-loss",
};
const DASH_STYLE = ["border-solid", "border-dotted", "border-dashed"] as const;

function Legend({ curves }: { curves: readonly Curve[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
      {curves.map(({ name }, index) => {
        const { token, style } = lineOf(index);
        return (
          <li key={name} className="flex max-w-full min-w-0 items-center gap-1.5">
            <span aria-hidden className={cn("w-6 border-t-2", INK[token], DASH_STYLE[style])} />
            <bdi className="truncate">{name}</bdi>
          </li>
        );
      })}
    </ul>
  );
}

const at = (points: Curve["points"], share: number): Curve["points"][number] | undefined =>
  points[Math.round(share * (points.length - 1))];

function Table({ curves, percent }: { curves: readonly Curve[]; percent: boolean }) {
  return (
    <details className="text-xs">
      <summary className="min-h-6 w-fit text-ink-2 hover:text-ink">The curves as a table</summary>
      <div
        className="mt-1.5 overflow-x-auto rounded-md border"
        role="region"
        aria-label="The curves as a table"
        tabIndex={0}
      >
        <table className="tnum w-full">
          <thead>
            <tr className="border-b text-ink-2">
              <th scope="col" className="px-3 py-1.5 text-start font-medium">
                Run
              </th>
              {SAMPLES.map((share) => (
                <th key={share} scope="col" className="px-3 py-1.5 text-end font-medium whitespace-nowrap">
                  {share === 0 ? "Start" : share === 1 ? "End" : `${share * 100} % through`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {curves.map(({ name, points }) => (
              <tr key={name} className="border-b last:border-b-0">
                <th scope="row" className="px-3 py-1.5 text-start font-normal">
                  <bdi>{name}</bdi>
                </th>
                {SAMPLES.map((share) => (
                  <td key={share} className="px-3 py-1.5 text-end whitespace-nowrap">
                    {formatOverlay(at(points, share)?.value ?? Number.NaN, percent)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The runs' equity, one over the other. */
export function CompareEquity({ runs }: { runs: readonly ComparedRun[] }) {
  const api = useApi();
  const [fromStart, setFromStart] = useState(() => standApart(runs));
  const equities = useQueries({
    queries: runs.map((run) => ({
      queryKey: ["equity", run.run_id, POINTS],
      queryFn: () => api.runs.equity(run.model_id, run.run_id, undefined, POINTS),
    })),
    combine: (results) => ({
      data: results.every(({ data }) => data) ? results.map(({ data }) => data as Equity) : null,
      error: results.find(({ error }) => error)?.error ?? null,
    }),
  });
  const percent = needsPercent(runs);
  const format = useCallback((value: number) => formatOverlay(value, percent), [percent]);
  const { data } = equities;
  const curves = useMemo<(Curve & { points: OverlayPoint[] })[]>(
    () =>
      runs.flatMap((run, index) => {
        const points = data?.[index] ? overlayOf(data[index], { percent, fromStart }) : [];
        return points.length ? [{ name: callCompared(run), points }] : [];
      }),
    [runs, data, percent, fromStart],
  );
  const drawn = useMemo(() => evenly(curves), [curves]);
  const left = data ? runs.length - curves.length : 0;
  return (
    <figure className="min-w-0 space-y-2 overflow-hidden rounded-lg border bg-panel p-3">
      <figcaption className="flex flex-wrap items-center justify-between gap-2">
        <span className="text-[13px] font-semibold">
          Equity{percent ? " in percent of the start" : runs[0] ? `, ${runs[0].currency}` : ""}
        </span>
        <label className="flex min-h-6 items-center gap-2 text-xs text-ink-2">
          <input
            type="checkbox"
            className="accent-accent"
            checked={fromStart}
            onChange={(event) => setFromStart(event.target.checked)}
          />
          Let all start together
        </label>
      </figcaption>
      {percent ? (
        <p className="text-xs text-ink-2">
          Currencies or starting money differ, so each curve is in percent of its own start.
        </p>
      ) : null}
      {equities.error ? <ProblemNote error={equities.error} /> : null}
      {curves.length ? (
        <>
          <OverlayChart
            curves={drawn}
            format={format}
            fromStart={fromStart}
            label={`Equity of ${curves.map(({ name }) => name).join(", ")}`}
          />
          <ChartCredit />
          <Legend curves={curves} />
          <Table curves={curves} percent={percent} />
        </>
      ) : equities.error ? null : (
        <Skeleton className="h-72" />
      )}
      {left ? (
        <p className="text-xs text-ink-2">Not drawn: {left} without starting equity to take percents of.</p>
      ) : null}
    </figure>
  );
}
