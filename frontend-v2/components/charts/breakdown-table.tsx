import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { AskButton } from "@/components/chat/ask-button";
import { EmptyState } from "@/components/ui/empty-state";
import { cn } from "@/lib/cn";
import { formatCount, formatMoney, formatPct, formatSigned, labelOf, toneOf } from "@/lib/format";
import { questionOfRow } from "@/lib/questions";
import type { BreakdownRow } from "@/lib/types";

const FEW = 12;
const COLUMNS = [
  { key: "net_pnl", label: "Net P&L" },
  { key: "trade_count", label: "Trades" },
  { key: "win_rate", label: "Win rate" },
  { key: "average_net", label: "Average" },
  { key: "fees", label: "Fees" },
] as const;
type SortKey = (typeof COLUMNS)[number]["key"];

export interface BreakdownTableProps {
  dimension: string;
  rows: readonly BreakdownRow[];
  currency: string;
  onOpen: (row: BreakdownRow) => void;
}

/** Sorted rows; null keeps the order the server gave (times of day run as the clock does). */
export function sortRows(rows: readonly BreakdownRow[], by: { key: SortKey; down: boolean } | null): BreakdownRow[] {
  if (!by) return [...rows];
  const size = (row: BreakdownRow): number => row[by.key] ?? -Infinity;
  return [...rows].sort((a, b) => (by.down ? size(b) - size(a) : size(a) - size(b)));
}

function NetBar({ net, largest }: { net: number; largest: number }) {
  const width = `${Math.max(1, (Math.abs(net) / largest) * 50)}%`;
  return (
    <span className="relative block h-3 w-full" aria-hidden>
      <span className="absolute inset-y-0 left-1/2 w-px bg-line-strong" />
      <span
        className={cn("absolute inset-y-0 rounded-[1px]", net >= 0 ? "left-1/2 bg-gain" : "right-1/2 bg-loss")}
        style={{ width }}
      />
    </span>
  );
}

/** One dimension of the closed trades: counts, money, and a bar around a common zero line. */
export function BreakdownTable({ dimension, rows, currency, onOpen }: BreakdownTableProps) {
  const [all, setAll] = useState(false);
  const [sort, setSort] = useState<{ key: SortKey; down: boolean } | null>(null);
  if (!rows.length) return <EmptyState title="No closed trades" />;
  const sorted = sortRows(rows, sort);
  const shown = all ? sorted : sorted.slice(0, dimension === "hour" ? 24 : FEW);
  const largest = Math.max(...rows.map((row) => Math.abs(row.net_pnl)), 1e-9);
  return (
    <div className="space-y-1.5">
      <div
        className="overflow-x-auto rounded-md border bg-panel"
        tabIndex={0}
        role="region"
        aria-label={`By ${labelOf(dimension)}`}
      >
        <table data-testid="breakdown-table" data-dimension={dimension} className="tnum w-full min-w-[520px] text-xs">
          <thead className="bg-raised text-2xs text-ink-2">
            <tr>
              <th scope="col" className="px-2 py-1.5 text-start font-medium">
                {labelOf(dimension)}
              </th>
              {COLUMNS.map(({ key, label }) => (
                <th
                  key={key}
                  scope="col"
                  className="px-2 py-1.5 text-end font-medium whitespace-nowrap"
                  aria-sort={sort?.key === key ? (sort.down ? "descending" : "ascending") : undefined}
                >
                  <button
                    type="button"
                    className="inline-flex items-center gap-0.5 hover:text-ink"
                    onClick={() => setSort({ key, down: sort?.key === key ? !sort.down : true })}
                  >
                    {label}
                    {sort?.key === key ? (
                      sort.down ? (
                        <ArrowDown className="size-3" aria-hidden />
                      ) : (
                        <ArrowUp className="size-3" aria-hidden />
                      )
                    ) : null}
                  </button>
                </th>
              ))}
              <th scope="col" className="w-[22%] px-2 py-1.5">
                <span className="sr-only">Bar</span>
              </th>
              <th scope="col" className="w-8">
                <span className="sr-only">Ask</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.key} className="border-t hover:bg-hover">
                <th scope="row" className="max-w-48 px-2 py-1 text-start font-normal">
                  <button
                    type="button"
                    data-testid="breakdown-row"
                    data-key={row.key}
                    className="block max-w-full truncate text-accent-ink hover:underline"
                    title={`${row.key}: show the trades`}
                    onClick={() => onOpen(row)}
                  >
                    {row.key}
                  </button>
                </th>
                <td className={cn("px-2 py-1 text-end font-medium", toneOf(row.net_pnl))}>
                  {formatSigned(row.net_pnl)}
                </td>
                <td className="px-2 py-1 text-end text-ink-2">{formatCount(row.trade_count)}</td>
                <td className="px-2 py-1 text-end text-ink-2">{formatPct(row.win_rate, 1)}</td>
                <td className={cn("px-2 py-1 text-end", toneOf(row.average_net))}>{formatSigned(row.average_net)}</td>
                <td className="px-2 py-1 text-end text-ink-2">{formatMoney(row.fees)}</td>
                <td className="px-2 py-1">
                  <NetBar net={row.net_pnl} largest={largest} />
                </td>
                <td className="py-0.5 pe-1">
                  <AskButton
                    question={questionOfRow(dimension, row, currency)}
                    about={`${labelOf(dimension)} ${row.key}`}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {sorted.length > shown.length || all ? (
        <button type="button" className="px-1 text-xs text-accent-ink hover:underline" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${formatCount(sorted.length)}`}
        </button>
      ) : null}
    </div>
  );
}
