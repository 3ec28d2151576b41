import type { ReactNode } from "react";
import type { Library } from "@/hooks/use-library";
import { cn } from "@/lib/cn";
import { formatCount, formatSigned, toneOf } from "@/lib/format";
import { libraryStats } from "@/lib/stats";
import type { Run } from "@/lib/types";

function Tile({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0 rounded-lg border bg-panel px-3 py-2.5">
      <p className="text-2xs text-ink-2">{label}</p>
      <div className="tnum mt-0.5 min-w-0 text-base font-semibold">{children}</div>
    </div>
  );
}

function RunTile({ label, run, onOpen }: { label: string; run: Run | null; onOpen: (run: Run) => void }) {
  if (!run) return <Tile label={label}>–</Tile>;
  return (
    <Tile label={label}>
      <button type="button" className="block w-full min-w-0 text-start hover:underline" onClick={() => onOpen(run)}>
        <span className={cn("block", toneOf(run.summary.total_return))}>
          {formatSigned(run.summary.total_return, 2, "%")}
        </span>
        <span className="block truncate text-2xs font-normal text-ink-2">
          #{run.run_number} {run.name}
        </span>
      </button>
    </Tile>
  );
}

/** Totals over all runs. */
export function StatsGrid({ library, onOpenRun }: { library: Library; onOpenRun: (run: Run) => void }) {
  const stats = libraryStats(library.models, library.runs);
  return (
    <div data-testid="stats-grid" className="grid grid-cols-2 gap-2 md:grid-cols-3 2xl:grid-cols-6">
      <Tile label="Strategies / runs">
        {formatCount(stats.models)} / {formatCount(stats.runs)}
      </Tile>
      <Tile label="Closed trades">{formatCount(stats.trades)}</Tile>
      <Tile label="Runs in profit / in loss">
        <span className="text-gain">{formatCount(stats.winning)}</span> /{" "}
        <span className="text-loss">{formatCount(stats.losing)}</span>
      </Tile>
      <Tile label="P&L">
        {stats.totals.length ? (
          <ul>
            {stats.totals.map((total) => (
              <li key={total.currency} className={cn("truncate text-sm", toneOf(total.pnl))}>
                {formatSigned(total.pnl)} <span className="text-2xs font-normal text-ink-3">{total.currency}</span>
              </li>
            ))}
          </ul>
        ) : (
          "–"
        )}
      </Tile>
      <RunTile label="Best run" run={stats.best} onOpen={onOpenRun} />
      <RunTile label="Worst run" run={stats.worst} onOpen={onOpenRun} />
    </div>
  );
}
