import { cn } from "@/lib/cn";
import { formatSigned, plural, toneOf } from "@/lib/format";
import { monthName } from "@/lib/month-grid";
import type { LongPeriod } from "@/lib/types";

const MONTHS = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, "0"));

export interface MonthTableProps {
  months: readonly LongPeriod[];
  years: readonly LongPeriod[];
  currency: string;
  selected: string | null;
  onSelect: (month: string) => void;
}

const shownOf = (period: LongPeriod): string =>
  period.return_pct === null ? formatSigned(period.net_pnl, 0) : formatSigned(period.return_pct, 1, "%");
const signOf = (period: LongPeriod): number => period.return_pct ?? period.net_pnl;

/** On a phone the table is wider than the window: the chosen month moves into it, and nothing else does. */
function intoSight(cell: HTMLButtonElement | null): void {
  const box = cell?.closest<HTMLElement>("[role=region]");
  if (!cell || !box || box.scrollWidth <= box.clientWidth) return;
  const past = cell.getBoundingClientRect().right - box.getBoundingClientRect().right;
  const before = cell.getBoundingClientRect().left - box.getBoundingClientRect().left;
  if (past > 0) box.scrollLeft += past + 8;
  else if (before < 0) box.scrollLeft += before - 8;
}

/** Return (or, without capital, net P&L) by month and year; a month shows its days. */
export function MonthTable({ months, years, currency, selected, onSelect }: MonthTableProps) {
  const byKey = new Map(months.map((month) => [month.key, month]));
  const largest = Math.max(...months.map((month) => Math.abs(signOf(month))), 1e-9);
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Results by month">
      <table
        data-testid="month-table"
        className="tnum w-full min-w-[700px] md:min-w-[640px] table-fixed border-separate border-spacing-0.5 text-2xs"
      >
        <thead className="text-ink-3">
          <tr>
            <th scope="col" className="w-10 text-start font-medium">
              Year
            </th>
            {MONTHS.map((month) => (
              <th key={month} scope="col" className="font-medium">
                {monthName(`2024-${month}`, "short").replace(/\s*2024\s*/, "")}
              </th>
            ))}
            <th scope="col" className="w-16 text-end font-medium">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {[...years].reverse().map((year) => (
            <tr key={year.key}>
              <th scope="row" className="pe-2 text-start font-medium text-ink-2">
                {year.key}
              </th>
              {MONTHS.map((number) => {
                const month = byKey.get(`${year.key}-${number}`);
                if (!month) return <td key={number} className="h-7 rounded bg-raised/50" />;
                const share = Math.round(6 + (Math.abs(signOf(month)) / largest) * 26);
                const title = `${monthName(month.key)}: ${shownOf(month)}, net ${formatSigned(month.net_pnl, 2, ` ${currency}`)}, ${plural(month.trade_count, "trade")}`;
                return (
                  <td key={number} className="h-7 p-0">
                    <button
                      type="button"
                      data-testid="month-cell"
                      data-month={month.key}
                      title={title}
                      aria-label={title}
                      ref={selected === month.key ? intoSight : undefined}
                      aria-pressed={selected === month.key}
                      className="h-full w-full rounded text-center hover:ring-1 hover:ring-accent-ink aria-pressed:ring-2 aria-pressed:ring-accent-ink"
                      style={{
                        background: `color-mix(in srgb, var(--color-${signOf(month) < 0 ? "loss" : "gain"}) ${share}%, var(--color-panel))`,
                      }}
                      onClick={() => onSelect(month.key)}
                    >
                      {shownOf(month)}
                    </button>
                  </td>
                );
              })}
              <td className={cn("ps-2 text-end font-semibold", toneOf(signOf(year)))}>{shownOf(year)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
