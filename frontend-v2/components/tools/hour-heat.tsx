import { useActions } from "@/hooks/use-actions";
import { cn } from "@/lib/cn";
import { formatCompact, formatMoney, formatPct, plural } from "@/lib/format";
import { filterOfAnalysisRow } from "@/lib/trade-choices";
import type { Analysis, BreakdownRow, Run } from "@/lib/types";

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

interface HeatProps {
  title: string;
  keys: readonly string[];
  rows: readonly BreakdownRow[];
  currency: string;
  name: (key: string) => string;
  short: (key: string) => string;
  className: string;
  onOpen: (row: BreakdownRow, title: string) => void;
}

/** The deeper the fill the larger the sum; its sign stands in the cell too. */
function fill(net: number, most: number): string | undefined {
  if (!net || !most) return undefined;
  const strength = Math.round(8 + 42 * Math.sqrt(Math.abs(net) / most));
  return `color-mix(in srgb, var(--color-${net < 0 ? "loss" : "gain"}) ${strength}%, transparent)`;
}

function Heat({ title, keys, rows, currency, name, short, className, onOpen }: HeatProps) {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const most = Math.max(...rows.map((row) => Math.abs(row.net_pnl)), 0);
  return (
    <div className="space-y-1">
      <h4 className="text-xs font-medium text-ink-2">{title}</h4>
      <div className={cn("grid gap-1", className)} role="group" aria-label={title}>
        {keys.map((key) => {
          const row = byKey.get(key);
          if (!row)
            return (
              <div key={key} className="rounded border border-dashed px-1 py-1 text-center" aria-hidden>
                <span className="block text-2xs text-ink-3">{short(key)}</span>
                <span className="block text-2xs text-ink-3">·</span>
              </div>
            );
          const words = `${name(key)}: ${formatMoney(row.net_pnl, currency)} over ${plural(row.trade_count, "trade")}`;
          return (
            <button
              key={key}
              type="button"
              data-testid="heat-cell"
              data-key={key}
              title={words}
              aria-label={words}
              className="tnum rounded border px-1 py-1 text-center hover:border-accent-ink"
              style={{ background: fill(row.net_pnl, most) }}
              onClick={() => onOpen(row, name(key))}
            >
              <span className="block text-2xs text-ink-2">{short(key)}</span>
              <span className="block truncate text-2xs font-medium">{formatCompact(row.net_pnl)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function HeatTable({
  rows,
  currency,
  name,
}: {
  rows: readonly BreakdownRow[];
  currency: string;
  name: (key: string) => string;
}) {
  return (
    <table className="tnum w-full text-xs">
      <thead className="text-2xs text-ink-2">
        <tr>
          <th scope="col" className="py-1 text-start font-medium">
            When
          </th>
          <th scope="col" className="text-end font-medium">
            Trades
          </th>
          <th scope="col" className="text-end font-medium">
            Win rate
          </th>
          <th scope="col" className="text-end font-medium">
            Net, {currency}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} className="border-t">
            <th scope="row" className="py-1 text-start font-normal">
              {name(row.key)}
            </th>
            <td className="text-end">{row.trade_count}</td>
            <td className="text-end">{formatPct(row.win_rate)}</td>
            <td className="text-end">{formatMoney(row.net_pnl)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const hourName = (key: string): string => `${key}:00–${key}:59 UTC`;
const dayName = (key: string): string => `${key}s`;

/** Net P&L by hour and weekday of opening; a cell opens its trades. */
export function HourHeat({ data: analysis, run }: { data: Analysis; run: Run }) {
  const { showTrades } = useActions();
  const { breakdowns, currency } = analysis;
  const hours = breakdowns.hour ?? [];
  const days = breakdowns.weekday ?? [];
  const open = (dimension: string) => (row: BreakdownRow, title: string) =>
    showTrades({ run, ids: row.trade_ids, where: filterOfAnalysisRow(analysis, dimension, row.key), title });
  return (
    <div className="space-y-3" data-testid="hour-heat">
      <Heat
        title="Net P&L by hour of opening (UTC)"
        keys={HOURS}
        rows={hours}
        currency={currency}
        name={hourName}
        short={(key) => key}
        className="grid-cols-6 sm:grid-cols-12"
        onOpen={open("hour")}
      />
      {days.length ? (
        <Heat
          title="By weekday of opening"
          keys={DAYS}
          rows={days}
          currency={currency}
          name={dayName}
          short={(key) => key.slice(0, 3)}
          className="grid-cols-7"
          onOpen={open("weekday")}
        />
      ) : null}
      <details className="text-xs">
        <summary className="text-ink-2 hover:text-ink">As a table</summary>
        <div className="mt-1 grid gap-4 sm:grid-cols-2">
          <HeatTable rows={hours} currency={currency} name={hourName} />
          <HeatTable rows={days} currency={currency} name={dayName} />
        </div>
      </details>
    </div>
  );
}
