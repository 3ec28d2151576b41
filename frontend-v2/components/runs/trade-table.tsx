import { AskButton } from "@/components/chat/ask-button";
import { EmptyState } from "@/components/ui/empty-state";
import { cn } from "@/lib/cn";
import { Time } from "@/components/ui/time";
import { formatSigned, toneOf } from "@/lib/format";
import { questionOfTrade } from "@/lib/questions";
import type { Trade } from "@/lib/types";

export interface TradeTableProps {
  trades: Trade[];
  currency?: string;
  onOpen: (trade: Trade) => void;
  /** What is said where there are none. */
  none?: string;
  /** Which trades these are. */
  label?: string;
}

/** Trades in short: id, what, when, result. */
export function TradeTable({
  trades,
  currency = "",
  onOpen,
  none = "No closed trades",
  label = "Worst trades",
}: TradeTableProps) {
  if (!trades.length) return <EmptyState title={none} />;
  const stops = trades.some((trade) => trade.r !== null);
  return (
    <div
      className="@container overflow-x-auto rounded-md border bg-panel"
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table className="tnum w-full text-xs">
        <thead className="bg-raised text-2xs text-ink-2">
          <tr>
            <th scope="col" className="px-2 py-1.5 text-start font-medium">
              Trade
            </th>
            <th scope="col" className="px-2 py-1.5 text-start font-medium">
              Opened
            </th>
            <th scope="col" className="px-2 py-1.5 text-end font-medium">
              Net
            </th>
            <th scope="col" className="px-2 py-1.5 text-end font-medium @max-md:hidden">
              Return
            </th>
            {stops ? (
              <th scope="col" className="px-2 py-1.5 text-end font-medium">
                R
              </th>
            ) : null}
            <th scope="col" className="w-8">
              <span className="sr-only">Ask</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {trades.map((trade) => (
            <tr key={trade.trade_id} className="border-t hover:bg-hover">
              <td className="px-2 py-1.5">
                <button
                  type="button"
                  data-testid="trade-link"
                  className="text-start text-accent-ink hover:underline"
                  onClick={() => onOpen(trade)}
                >
                  #{trade.trade_id}
                </button>{" "}
                <span className="whitespace-nowrap">{trade.symbol}</span>
                <span className="block text-2xs text-ink-3">{trade.side}</span>
              </td>
              <td className="px-2 py-1.5 whitespace-nowrap text-ink-2">
                <span className="@max-md:hidden">
                  <Time iso={trade.opened_at} />
                </span>
                <span className="@md:hidden">
                  <Time iso={trade.opened_at} clock={false} />
                </span>
              </td>
              <td className={cn("px-2 py-1.5 text-end whitespace-nowrap", toneOf(trade.net_pnl))}>
                {formatSigned(trade.net_pnl)}
                <span className="block text-2xs text-ink-2 @md:hidden">{formatSigned(trade.return_pct, 2, "%")}</span>
              </td>
              <td className="px-2 py-1.5 text-end whitespace-nowrap text-ink-2 @max-md:hidden">
                {formatSigned(trade.return_pct, 2, "%")}
              </td>
              {stops ? (
                <td className="px-2 py-1.5 text-end whitespace-nowrap text-ink-2">{formatSigned(trade.r)}</td>
              ) : null}
              <td className="py-0.5 pe-1">
                <AskButton question={questionOfTrade(trade, currency)} about={`trade #${trade.trade_id}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
