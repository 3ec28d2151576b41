import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useState } from "react";
import { onDemand } from "@/components/ui/on-demand";
import { useRowWindow } from "@/hooks/use-row-window";
import { cn } from "@/lib/cn";
import { formatCount, formatPct, formatSigned, toneOf } from "@/lib/format";
import { nextSort, sortRuns, type RunColumn, type RunSort } from "@/lib/run-sort";
import type { Run } from "@/lib/types";

export interface RunTableProps {
  runs: readonly Run[];
  /** How many there are, when not all are shown. */
  total?: number;
  onOpen: (run: Run) => void;
  /** With its curve and a way to ask on each row: for a few rows, since each fetches its own. */
  curves?: boolean;
}

const RowCurve = onDemand(
  () => import("./row-curve").then((module) => module.RowCurve),
  () => (
    <>
      <td className="hidden w-32 lg:table-cell" />
      <td className="w-20" />
    </>
  ),
);

/** On a phone the run's name needs the room more. */
const WIDE = "hidden sm:table-cell";
const HEADS: readonly { column: RunColumn; label: string; text?: boolean; className?: string }[] = [
  { column: "run", label: "Run", text: true },
  { column: "model", label: "Strategy", text: true, className: "hidden xl:table-cell" },
  { column: "pnl", label: "P&L" },
  { column: "return", label: "Return" },
  { column: "drawdown", label: "Max DD", className: WIDE },
  { column: "win_rate", label: "Win rate", className: WIDE },
  { column: "trades", label: "Trades", className: WIDE },
];
const ROW = 34;
const VIEW = 560;

interface HeadProps {
  sort: RunSort;
  curves: boolean;
  onSort: (column: RunColumn) => void;
}

function Head({ sort, curves, onSort }: HeadProps) {
  return (
    <thead className="sticky top-0 z-10 bg-panel">
      <tr className="border-b text-2xs text-ink-2">
        {HEADS.map(({ column, label, text, className }) => {
          const sorted = sort.column === column;
          const Arrow = sort.descending ? ArrowDown : ArrowUp;
          return (
            <th
              key={column}
              scope="col"
              aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : undefined}
              className={cn("p-0 font-medium whitespace-nowrap", text ? "text-start" : "text-end", className)}
            >
              <button
                type="button"
                data-testid={`sort-${column}`}
                className={cn("inline-flex h-8 items-center gap-1 px-2 hover:text-ink", !text && "flex-row-reverse")}
                onClick={() => onSort(column)}
              >
                {label}
                <Arrow className={cn("size-3", !sorted && "invisible")} aria-hidden />
              </button>
            </th>
          );
        })}
        {curves ? (
          <>
            <th scope="col" className="hidden px-2 text-start font-medium lg:table-cell">
              Equity
            </th>
            <th scope="col">
              <span className="sr-only">Ask</span>
            </th>
          </>
        ) : null}
      </tr>
    </thead>
  );
}

interface RowProps extends Pick<RunTableProps, "onOpen" | "curves"> {
  run: Run;
  index: number;
}

function Row({ run, index, curves, onOpen }: RowProps) {
  const { total_pnl, total_return, max_drawdown, win_rate, trade_count } = run.summary;
  return (
    <tr aria-rowindex={index + 2} className="h-[34px] border-b last:border-b-0 hover:bg-hover">
      <td className="w-full max-w-0 min-w-32 px-2">
        <button type="button" className="block w-full truncate text-start hover:underline" onClick={() => onOpen(run)}>
          <span className="text-ink-3">#{run.run_number}</span> <bdi>{run.name}</bdi>
        </button>
      </td>
      <td className="hidden max-w-48 truncate px-2 text-ink-2 xl:table-cell 2xl:max-w-64">{run.model_name}</td>
      <td className={cn("px-2 text-end whitespace-nowrap", toneOf(total_pnl))}>
        {formatSigned(total_pnl)} <span className="text-2xs text-ink-3">{run.currency}</span>
      </td>
      <td className={cn("px-2 text-end", toneOf(total_return))}>{formatSigned(total_return, 2, "%")}</td>
      <td className={cn("px-2 text-end", WIDE)}>{formatPct(max_drawdown)}</td>
      <td className={cn("px-2 text-end", WIDE)}>{formatPct(win_rate, 1)}</td>
      <td className={cn("px-2 text-end", WIDE)}>{formatCount(trade_count)}</td>
      {curves ? <RowCurve run={run} /> : null}
    </tr>
  );
}

/** Runs with their headline figures, sorted by any; of thousands only the rows in sight are in the document. */
export function RunTable({ runs, total = runs.length, curves = false, onOpen }: RunTableProps) {
  const [sort, setSort] = useState<RunSort>({ column: "imported", descending: true });
  const sorted = useMemo(() => sortRuns(runs, sort), [runs, sort]);
  const shown = useRowWindow(sorted.length, ROW, VIEW);
  if (!runs.length) return <p className="text-[13px] text-ink-2">No runs yet.</p>;
  return (
    <div className="space-y-1">
      <div
        data-testid="run-table"
        role="region"
        aria-label="Runs"
        tabIndex={0}
        className="overflow-auto rounded-lg border bg-panel"
        style={{ maxHeight: VIEW }}
        onScroll={shown.onScroll}
      >
        <table className="tnum w-full text-[13px]" aria-rowcount={sorted.length + 1}>
          <Head sort={sort} curves={curves} onSort={(column) => setSort((now) => nextSort(now, column))} />
          <tbody>
            {shown.above ? <tr aria-hidden style={{ height: shown.above }} /> : null}
            {sorted.slice(shown.first, shown.end).map((run, index) => (
              <Row key={run.id} run={run} index={shown.first + index} curves={curves} onOpen={onOpen} />
            ))}
            {shown.below ? <tr aria-hidden style={{ height: shown.below }} /> : null}
          </tbody>
        </table>
      </div>
      {total > runs.length ? (
        <p className="text-xs text-ink-3">
          {formatCount(runs.length)} of {formatCount(total)}. Type <span className="font-mono">list runs</span> for all.
        </p>
      ) : null}
    </div>
  );
}
