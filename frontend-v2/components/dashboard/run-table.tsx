import { cn } from "@/lib/cn";
import { formatCount, formatPct, formatSigned, toneOf } from "@/lib/format";
import type { Run } from "@/lib/types";

export interface RunTableProps {
  runs: readonly Run[];
  /** How many there are, when not all are shown. */
  total?: number;
  onOpen: (run: Run) => void;
}

const HEADS = ["Run", "Model", "P&L", "Return", "Max DD", "Win rate", "Trades"];

export function RunTable({ runs, total = runs.length, onOpen }: RunTableProps) {
  if (!runs.length) return <p className="text-[13px] text-ink-2">No runs yet.</p>;
  return (
    <div className="space-y-1">
      <div data-testid="run-table" className="overflow-x-auto rounded-lg border bg-panel">
        <table className="tnum w-full text-[13px]">
          <thead>
            <tr className="border-b text-2xs text-ink-2">
              {HEADS.map((head, index) => (
                <th
                  key={head}
                  className={cn(
                    "px-3 py-2 font-medium whitespace-nowrap",
                    index < 2 ? "text-left" : "text-right",
                    head === "Model" && "hidden md:table-cell",
                  )}
                >
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} className="border-b last:border-b-0 hover:bg-hover">
                <td className="max-w-64 min-w-32 px-3 py-1.5">
                  <button
                    type="button"
                    className="block w-full truncate text-left hover:underline"
                    onClick={() => onOpen(run)}
                  >
                    <span className="text-ink-3">#{run.run_number}</span> {run.name}
                  </button>
                </td>
                <td className="hidden max-w-40 truncate px-3 py-1.5 text-ink-2 md:table-cell">{run.model_name}</td>
                <td className={cn("px-3 py-1.5 text-right whitespace-nowrap", toneOf(run.summary.total_pnl))}>
                  {formatSigned(run.summary.total_pnl)} <span className="text-2xs text-ink-3">{run.currency}</span>
                </td>
                <td className={cn("px-3 py-1.5 text-right", toneOf(run.summary.total_return))}>
                  {formatSigned(run.summary.total_return, 2, "%")}
                </td>
                <td className="px-3 py-1.5 text-right">{formatPct(run.summary.max_drawdown)}</td>
                <td className="px-3 py-1.5 text-right">{formatPct(run.summary.win_rate, 1)}</td>
                <td className="px-3 py-1.5 text-right">{formatCount(run.summary.trade_count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > runs.length ? (
        <p className="text-xs text-ink-3">
          {runs.length} of {total}. Type <span className="font-mono">list runs</span> for all.
        </p>
      ) : null}
    </div>
  );
}
