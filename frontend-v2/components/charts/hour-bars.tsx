import { useId, useState, type KeyboardEvent, type MouseEvent } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { cn } from "@/lib/cn";
import { formatPct, formatSigned, plural } from "@/lib/format";
import type { BreakdownRow } from "@/lib/types";

export interface BarsProps {
  rows: BreakdownRow[];
  currency: string;
  onOpen: (row: BreakdownRow) => void;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const HALF = 34;
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };

/** What a bar says when it is pointed at or chosen. */
export function barText(row: BreakdownRow, currency: string): string {
  const parts = [formatSigned(row.net_pnl, 2, ` ${currency}`), plural(row.trade_count, "trade")];
  if (row.win_rate !== null) parts.push(`win rate ${formatPct(row.win_rate, 1)}`);
  return parts.join(" · ");
}

/**
 * Net P&L by UTC hour of entry: up for gain, down for loss. A day is one line, whose bars are narrower than a finger:
 * the chart is one control, as a list to choose from. Pointing and arrow keys choose an hour, a click or Enter opens it.
 */
export function HourBars({ rows, currency, onOpen }: BarsProps) {
  const id = useId();
  const [at, setAt] = useState<string | null>(null);
  const byHour = new Map(rows.map((row) => [row.key, row]));
  const there = HOURS.filter((hour) => byHour.has(hour));
  const largest = Math.max(...rows.map((row) => Math.abs(row.net_pnl)), 1e-9);
  const chosen = at === null ? undefined : byHour.get(at);

  if (!there.length) return <EmptyState title="No closed trades" />;

  const hourUnder = ({ currentTarget, clientX }: MouseEvent): string => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const place = Math.min(23, Math.max(0, Math.floor(((clientX - left) / width) * 24)));
    // A gap between bars belongs to the nearest.
    const far = (hour: string): number => Math.abs(Number(hour) - place);
    return there.reduce((near, hour) => (far(hour) < far(near) ? hour : near), there[0] ?? "00");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      const place = at === null ? (step > 0 ? -1 : there.length) : there.indexOf(at);
      setAt(there[Math.min(there.length - 1, Math.max(0, place + step))] ?? null);
    } else if ((event.key === "Enter" || event.key === " ") && chosen) {
      event.preventDefault();
      onOpen(chosen);
    }
  };
  return (
    <div data-testid="hour-bars" dir="ltr">
      <div
        role="listbox"
        aria-label="Net P&L by hour of entry, UTC"
        aria-orientation="horizontal"
        aria-activedescendant={chosen ? `${id}-${chosen.key}` : undefined}
        tabIndex={0}
        className="relative flex cursor-pointer gap-px rounded-sm"
        style={{ height: HALF * 2 + 1 }}
        onPointerMove={(event) => setAt(hourUnder(event))}
        onPointerLeave={() => setAt(null)}
        onClick={(event) => {
          const row = byHour.get(hourUnder(event));
          if (row) onOpen(row);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(null)}
      >
        <span aria-hidden className="absolute inset-x-0 h-px bg-line-strong" style={{ top: HALF }} />
        {HOURS.map((hour) => {
          const row = byHour.get(hour);
          if (!row) return <span key={hour} aria-hidden className="min-w-0 flex-1" />;
          const height = Math.max(2, (Math.abs(row.net_pnl) / largest) * HALF);
          const gain = row.net_pnl >= 0;
          return (
            <span
              key={hour}
              id={`${id}-${hour}`}
              role="option"
              aria-selected={at === hour}
              aria-label={`${hour}:00 UTC: ${barText(row, currency)}`}
              data-hour={hour}
              className={cn("relative min-w-0 flex-1 rounded-sm", at === hour && "bg-hover")}
            >
              <span
                className={cn("absolute inset-x-px rounded-[1px]", gain ? "bg-gain" : "bg-loss")}
                style={{ height, top: gain ? HALF - height : HALF + 1 }}
              />
            </span>
          );
        })}
      </div>
      <div aria-hidden className="tnum mt-0.5 flex gap-px text-center text-2xs text-ink-3">
        {HOURS.map((hour, place) => (
          <span key={hour} className="min-w-0 flex-1">
            {place % 6 ? "" : hour}
          </span>
        ))}
      </div>
      <p className="tnum min-h-4 text-2xs text-ink-2" aria-hidden>
        {chosen ? `${chosen.key}:00 UTC · ${barText(chosen, currency)}` : ""}
      </p>
    </div>
  );
}
