import { Tip } from "@/components/ui/tip";
import { formatPct, formatSigned, plural } from "@/lib/format";
import type { BreakdownRow } from "@/lib/types";

export interface BarsProps {
  rows: BreakdownRow[];
  currency: string;
  onOpen: (row: BreakdownRow) => void;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const HALF = 44;

/** What a bar says when it is pointed at or focused. */
export function barText(row: BreakdownRow, currency: string): string {
  const parts = [formatSigned(row.net_pnl, 2, ` ${currency}`), plural(row.trade_count, "trade")];
  if (row.win_rate !== null) parts.push(`win rate ${formatPct(row.win_rate, 1)}`);
  return parts.join(" · ");
}

/** Net P&L by UTC hour of entry: up for gain, down for loss. */
export function HourBars({ rows, currency, onOpen }: BarsProps) {
  const byHour = new Map(rows.map((row) => [row.key, row]));
  const largest = Math.max(...rows.map((row) => Math.abs(row.net_pnl)), 1e-9);
  return (
    <div data-testid="hour-bars">
      <div className="relative flex gap-px" style={{ height: HALF * 2 + 1 }}>
        <div aria-hidden className="absolute inset-x-0 h-px bg-line-strong" style={{ top: HALF }} />
        {HOURS.map((hour) => {
          const row = byHour.get(hour);
          if (!row) return <div key={hour} className="flex-1" aria-hidden />;
          const height = Math.max(2, (Math.abs(row.net_pnl) / largest) * HALF);
          const gain = row.net_pnl >= 0;
          return (
            <Tip key={hour} text={`${hour}:00 UTC · ${barText(row, currency)}`}>
              <button
                type="button"
                aria-label={`${hour}:00 UTC: ${barText(row, currency)}`}
                className="relative min-w-0 flex-1 rounded-sm hover:bg-hover"
                onClick={() => onOpen(row)}
              >
                <span
                  className={`absolute inset-x-px rounded-[1px] ${gain ? "bg-gain" : "bg-loss"}`}
                  style={{ height, top: gain ? HALF - height : HALF + 1 }}
                />
              </button>
            </Tip>
          );
        })}
      </div>
      <div aria-hidden className="tnum mt-1 flex justify-between text-2xs text-ink-3">
        {["00", "06", "12", "18", "23"].map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
    </div>
  );
}
