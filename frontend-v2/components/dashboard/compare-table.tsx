import { cn } from "@/lib/cn";
import { formatCount, formatMoney, formatPct, formatSigned, formatTime, toneOf } from "@/lib/format";
import type { Run } from "@/lib/types";

interface Line {
  label: string;
  show: (run: Run) => string;
  value?: (run: Run) => number | null;
  signed?: boolean;
}

const LINES: readonly Line[] = [
  { label: "Model", show: (run) => run.model_name },
  { label: "Source", show: (run) => run.source },
  { label: "From", show: (run) => formatTime(run.started_at, false) },
  { label: "To", show: (run) => formatTime(run.ended_at, false) },
  { label: "Initial cash", show: (run) => formatMoney(run.initial_cash, run.currency) },
  { label: "Final equity", show: (run) => formatMoney(run.summary.final_equity, run.currency) },
  {
    label: "P&L",
    show: (run) => formatSigned(run.summary.total_pnl, 2, ` ${run.currency}`),
    value: (run) => run.summary.total_pnl,
    signed: true,
  },
  {
    label: "Total return",
    show: (run) => formatSigned(run.summary.total_return, 2, "%"),
    value: (run) => run.summary.total_return,
    signed: true,
  },
  {
    label: "Max drawdown",
    show: (run) => formatPct(run.summary.max_drawdown),
    value: (run) => run.summary.max_drawdown,
  },
  { label: "Win rate", show: (run) => formatPct(run.summary.win_rate), value: (run) => run.summary.win_rate },
  { label: "Trades", show: (run) => formatCount(run.summary.trade_count) },
];

/** The runs that are best in a line, when it has a best: higher is better in all that compare (drawdown is negative). */
function bestOf(line: Line, runs: readonly Run[]): Set<number> {
  const { value } = line;
  if (!value) return new Set();
  const values = runs.map(value).filter((number) => number !== null);
  if (values.length < 2 || new Set(values).size < 2) return new Set();
  const best = Math.max(...values);
  return new Set(runs.filter((run) => value(run) === best).map((run) => run.id));
}

/** Runs side by side; money compares only within one currency, so the mark stays away when currencies differ. */
export function CompareTable({ runs, onOpen }: { runs: readonly Run[]; onOpen: (run: Run) => void }) {
  const mixed = new Set(runs.map((run) => run.currency)).size > 1;
  return (
    <div data-testid="compare-table" className="overflow-x-auto rounded-lg border bg-panel">
      <table className="tnum w-full text-[13px]">
        <thead>
          <tr className="border-b">
            <td />
            {runs.map((run) => (
              <th key={run.id} scope="col" className="px-3 py-2 text-right font-medium">
                <button type="button" className="hover:underline" onClick={() => onOpen(run)}>
                  <span className="text-ink-3">#{run.run_number}</span> {run.name}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {LINES.map((line) => {
            const best = mixed && line.label === "P&L" ? new Set<number>() : bestOf(line, runs);
            return (
              <tr key={line.label} className="border-b last:border-b-0">
                <th scope="row" className="px-3 py-1.5 text-left text-xs font-normal whitespace-nowrap text-ink-2">
                  {line.label}
                </th>
                {runs.map((run) => (
                  <td
                    key={run.id}
                    className={cn("px-3 py-1.5 text-right whitespace-nowrap", line.signed && toneOf(line.value?.(run)))}
                  >
                    {best.has(run.id) ? <span aria-label="best">▴ </span> : null}
                    {line.show(run)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
