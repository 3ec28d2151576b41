import { useState } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { formatSigned, toneOf } from "@/lib/format";
import { cn } from "@/lib/cn";
import { barText, type BarsProps } from "./hour-bars";

const FEW = 8;

/** Net P&L by symbol, worst first, around a common zero line. */
export function SymbolBars({ rows, currency, onOpen }: BarsProps) {
  const [all, setAll] = useState(false);
  if (!rows.length) return <EmptyState title="No closed trades" />;
  const sorted = [...rows].sort((a, b) => a.net_pnl - b.net_pnl);
  const shown = all || sorted.length <= FEW ? sorted : [...sorted.slice(0, FEW / 2), ...sorted.slice(-FEW / 2)];
  const largest = Math.max(...rows.map((row) => Math.abs(row.net_pnl)), 1e-9);
  return (
    <div data-testid="symbol-bars" className="space-y-0.5">
      {shown.map((row) => {
        const width = `${Math.max(1, (Math.abs(row.net_pnl) / largest) * 50)}%`;
        const gain = row.net_pnl >= 0;
        return (
          <button
            key={row.key}
            type="button"
            title={barText(row, currency)}
            aria-label={`${row.key}: ${barText(row, currency)}`}
            className="grid w-full grid-cols-[minmax(0,5.5rem)_1fr_5.5rem] items-center gap-2 rounded px-1 py-0.5 text-xs hover:bg-hover"
            onClick={() => onOpen(row)}
          >
            <span className="truncate text-start">{row.key}</span>
            <span className="relative h-3">
              <span aria-hidden className="absolute inset-y-0 left-1/2 w-px bg-line-strong" />
              <span
                className={cn("absolute inset-y-0 rounded-[1px]", gain ? "left-1/2 bg-gain" : "right-1/2 bg-loss")}
                style={{ width }}
              />
            </span>
            <span className={cn("tnum text-end", toneOf(row.net_pnl))}>{formatSigned(row.net_pnl)}</span>
          </button>
        );
      })}
      {sorted.length > FEW ? (
        <button type="button" className="px-1 text-xs text-accent-ink hover:underline" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${sorted.length}`}
        </button>
      ) : null}
    </div>
  );
}
