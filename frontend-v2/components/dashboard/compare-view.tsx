import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "@/components/shell/auth-provider";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";
import { bestOf, differenceInWords, HEADLINES } from "@/lib/compare";
import { DASH, formatFigure, formatMoney, labelOf, toneOf } from "@/lib/format";
import type { Run, RunComparison } from "@/lib/types";
import { CompareEquity } from "./compare-equity";

const SIGNED = new Set(["total_pnl", "total_return", "net_pnl", "expectancy"]);
const cell = "px-2 py-1.5 text-end whitespace-nowrap sm:px-3";
const rowHead = "sticky start-0 z-[1] bg-panel px-3 py-1.5 text-start text-xs font-normal whitespace-nowrap text-ink-2";

function FigureRow({ name, comparison }: { name: string; comparison: RunComparison }) {
  const figure = comparison.figures[name];
  if (!figure) return null;
  const best = bestOf(name, comparison);
  return (
    <tr className="border-b last:border-b-0">
      <th scope="row" className={rowHead}>
        <Tip text={figure.definition}>
          <button type="button" className="cursor-help underline decoration-dotted underline-offset-2">
            {labelOf(name)}
          </button>
        </Tip>
      </th>
      {figure.values.map((value, index) => (
        <td
          key={comparison.runs[index]?.run_id}
          title={figure.whys[index] ?? undefined}
          className={cn(cell, SIGNED.has(name) && typeof value === "number" && toneOf(value))}
        >
          {best.has(index) ? (
            <span>
              <span aria-hidden>▴ </span>
              <span className="sr-only">best </span>
            </span>
          ) : null}
          {formatFigure(value, figure.unit, comparison.runs[index]?.currency)}
        </td>
      ))}
    </tr>
  );
}

function Figures({ comparison, onOpen }: { comparison: RunComparison; onOpen: (runId: number) => void }) {
  const [all, setAll] = useState(false);
  const names = Object.keys(comparison.figures);
  const shown = all ? names : Object.keys(HEADLINES).filter((name) => name in comparison.figures);
  return (
    <div className="space-y-1.5">
      <div
        data-testid="compare-table"
        role="region"
        aria-label="Figures side by side"
        tabIndex={0}
        className="overflow-x-auto rounded-lg border bg-panel"
      >
        <table className="tnum w-full text-[13px]">
          <thead>
            <tr className="border-b">
              <td className="sticky start-0 bg-panel" />
              {comparison.runs.map((run) => (
                <th
                  key={run.run_id}
                  scope="col"
                  className="max-w-56 min-w-28 px-2 py-2 text-end align-bottom font-medium sm:px-3"
                >
                  <button
                    type="button"
                    className="max-w-full text-end hover:underline"
                    onClick={() => onOpen(run.run_id)}
                  >
                    {/* What tells two runs apart is often the end of their names. */}
                    <span dir="auto" title={run.name} className="line-clamp-5 text-end break-words sm:line-clamp-2">
                      <span className="text-ink-3">#{run.run_number}</span> {run.name}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr className="border-b">
              <th scope="row" className={rowHead}>
                Period
              </th>
              {comparison.runs.map((run) => (
                <td key={run.run_id} className={cn(cell, "max-sm:whitespace-normal")}>
                  <Time iso={run.started_at} clock={false} /> – <Time iso={run.ended_at} clock={false} />
                </td>
              ))}
            </tr>
            <tr className="border-b">
              <th scope="row" className={rowHead}>
                Starting money
              </th>
              {comparison.runs.map((run) => (
                <td key={run.run_id} className={cell}>
                  {formatMoney(run.initial_cash, run.currency)}
                </td>
              ))}
            </tr>
            {shown.map((name) => (
              <FigureRow key={name} name={name} comparison={comparison} />
            ))}
          </tbody>
        </table>
      </div>
      <Button size="sm" variant="ghost" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? "Headline figures only" : `All ${names.length} figures`}
      </Button>
    </div>
  );
}

function Differences({ comparison }: { comparison: RunComparison }) {
  return (
    <section aria-label="Difference or noise" className="space-y-1.5 rounded-lg border bg-panel p-3">
      <h2 className="text-[13px] font-semibold">Difference or noise?</h2>
      <ul className="space-y-1.5 text-[13px] text-ink-2">
        {comparison.differences.map((difference) => (
          <li
            key={`${difference.run_id_a}-${difference.run_id_b}`}
            data-testid="compare-difference"
            className="flex gap-2"
          >
            <span aria-hidden className={difference.more_than_noise ? "text-gain" : "text-ink-3"}>
              {difference.more_than_noise ? "●" : "○"}
            </span>
            {differenceInWords(difference, comparison)}
          </li>
        ))}
      </ul>
      <p className="text-xs text-ink-3">
        Compared is the {comparison.trade_result_definition}. Interval: {comparison.definitions.interval}.
      </p>
    </section>
  );
}

const settingText = (value: unknown): string => (value === null || value === undefined ? DASH : String(value));

function Settings({ comparison }: { comparison: RunComparison }) {
  if (!comparison.settings_changed.length) return null;
  return (
    <details className="rounded-lg border bg-panel p-3 text-[13px]">
      <summary className="min-h-6 font-semibold">Settings that differ ({comparison.settings_changed.length})</summary>
      <div className="mt-2 overflow-x-auto" role="region" aria-label="Settings that differ" tabIndex={0}>
        <table className="w-full text-xs">
          <tbody>
            {comparison.settings_changed.map(({ name, values }) => (
              <tr key={name} className="border-b last:border-b-0">
                <th scope="row" className="py-1 pe-3 text-start font-mono font-normal text-ink-2">
                  {name}
                </th>
                {values.map((value, index) => (
                  <td key={index} className="max-w-56 truncate px-3 py-1 text-end" title={settingText(value)}>
                    {settingText(value)}
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

/** Two to ten runs: their curves in one picture, their figures side by side, and what of it may be chance. */
export function CompareView({ runs, onOpen }: { runs: readonly Run[]; onOpen: (run: Run) => void }) {
  const api = useApi();
  const ids = runs.map((run) => run.id);
  const compared = useQuery({ queryKey: ["compare", ...ids], queryFn: () => api.runs.compare(ids) });
  const open = (id: number): void => {
    const run = runs.find((candidate) => candidate.id === id);
    if (run) onOpen(run);
  };
  if (compared.error) return <ProblemNote error={compared.error} onRetry={() => void compared.refetch()} />;
  if (!compared.data) return <Skeleton className="h-96" />;
  return (
    <div className="space-y-3" data-testid="comparison">
      <CompareEquity runs={compared.data.runs} />
      <Figures comparison={compared.data} onOpen={open} />
      <Differences comparison={compared.data} />
      <Settings comparison={compared.data} />
      {compared.data.warnings.length ? (
        <ul className="space-y-1 text-xs text-ink-2">
          {compared.data.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
