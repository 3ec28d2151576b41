import { EmptyState } from "@/components/ui/empty-state";
import { cn } from "@/lib/cn";
import { formatPct, formatSigned, formatTime, toneOf } from "@/lib/format";
import type { Trade } from "@/lib/types";

/** Trades in short: id, what, when, result. */
export function TradeTable({ trades, onOpen }: { trades: Trade[]; onOpen: (trade: Trade) => void }) {
  if (!trades.length) return <EmptyState title="No closed trades" />;
  return (
    <div className="overflow-x-auto rounded-md border">
      <table className="tnum w-full text-xs">
        <thead className="bg-raised text-left text-2xs text-ink-2">
          <tr>
            <th className="px-2 py-1.5 font-medium">Trade</th>
            <th className="px-2 py-1.5 font-medium">Opened</th>
            <th className="px-2 py-1.5 text-right font-medium">Net</th>
            <th className="px-2 py-1.5 text-right font-medium">Return</th>
          </tr>
        </thead>
        <tbody>
          {trades.map((trade) => (
            <tr key={trade.trade_id} className="border-t hover:bg-hover">
              <td className="px-2 py-1.5">
                <button
                  type="button"
                  data-testid="trade-link"
                  className="text-left text-accent-ink hover:underline"
                  onClick={() => onOpen(trade)}
                >
                  #{trade.trade_id}
                </button>{" "}
                <span className="whitespace-nowrap">{trade.symbol}</span>
                <span className="block text-2xs text-ink-3">{trade.side}</span>
              </td>
              <td className="px-2 py-1.5 whitespace-nowrap text-ink-2">{formatTime(trade.opened_at)}</td>
              <td className={cn("px-2 py-1.5 text-right whitespace-nowrap", toneOf(trade.net_pnl))}>
                {formatSigned(trade.net_pnl)}
              </td>
              <td className="px-2 py-1.5 text-right whitespace-nowrap text-ink-2">{formatPct(trade.return_pct)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
