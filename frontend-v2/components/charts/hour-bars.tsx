import { Tip } from "@/components/ui/tip";
import { formatPct, formatSigned, plural } from "@/lib/format";
import type { BreakdownRow } from "@/lib/types";

export interface BarsProps {
  rows: BreakdownRow[];
  currency: string;
  onOpen: (row: BreakdownRow) => void;
}

/** In two lines: one of 24 bars would have them narrower than a finger, or WCAG's 24 pixels. */
const LINES = [0, 12].map((first) => Array.from({ length: 12 }, (_, hour) => String(first + hour).padStart(2, "0")));
const HALF = 34;

/** What a bar says when it is pointed at or focused. */
export function barText(row: BreakdownRow, currency: string): string {
  const parts = [formatSigned(row.net_pnl, 2, ` ${currency}`), plural(row.trade_count, "trade")];
  if (row.win_rate !== null) parts.push(`win rate ${formatPct(row.win_rate, 1)}`);
  return parts.join(" · ");
}

interface HourBarProps {
  row: BreakdownRow;
  /** Of the largest bar's height. */
  share: number;
  currency: string;
  onOpen: (row: BreakdownRow) => void;
}

function HourBar({ row, share, currency, onOpen }: HourBarProps) {
  const height = Math.max(2, share * HALF);
  const gain = row.net_pnl >= 0;
  const text = barText(row, currency);
  return (
    <Tip text={`${row.key}:00 UTC · ${text}`}>
      <button
        type="button"
        aria-label={`${row.key}:00 UTC: ${text}`}
        className="relative block h-full w-full rounded-sm hover:bg-hover"
        onClick={() => onOpen(row)}
      >
        <span
          className={`absolute inset-x-px rounded-[1px] ${gain ? "bg-gain" : "bg-loss"}`}
          style={{ height, top: gain ? HALF - height : HALF + 1 }}
        />
      </button>
    </Tip>
  );
}

/** Net P&L by UTC hour of entry: up for gain, down for loss. */
export function HourBars({ rows, currency, onOpen }: BarsProps) {
  const byHour = new Map(rows.map((row) => [row.key, row]));
  const largest = Math.max(...rows.map((row) => Math.abs(row.net_pnl)), 1e-9);
  return (
    <div data-testid="hour-bars" className="space-y-2">
      {LINES.map((hours) => (
        <div key={hours[0]} className="relative flex gap-px">
          <div aria-hidden className="absolute inset-x-0 h-px bg-line-strong" style={{ top: HALF }} />
          {hours.map((hour, place) => {
            const row = byHour.get(hour);
            return (
              <div key={hour} className="min-w-0 flex-1">
                <div style={{ height: HALF * 2 + 1 }}>
                  {row ? (
                    <HourBar row={row} share={Math.abs(row.net_pnl) / largest} currency={currency} onOpen={onOpen} />
                  ) : null}
                </div>
                <p aria-hidden className="tnum mt-0.5 text-center text-2xs text-ink-3">
                  {place % 3 ? "\u00a0" : hour}
                </p>
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}
