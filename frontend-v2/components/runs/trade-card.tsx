import type { ReactNode } from "react";
import { Time } from "@/components/ui/time";
import { cn } from "@/lib/cn";
import { DASH, formatDuration, formatMoney, formatPrice, formatSigned, toneOf } from "@/lib/format";
import type { Trade } from "@/lib/types";

function Reasoning({ label, text }: { label: string; text: string | null }) {
  if (!text) return null;
  return (
    <div>
      <p className="text-2xs text-ink-3">{label}</p>
      <p className="max-h-40 overflow-y-auto text-xs whitespace-pre-wrap break-words text-ink-2">{text}</p>
    </div>
  );
}

/** One trade whole: prices, times, costs, excursions, and the reasoning recorded with it. */
export function TradeCard({ trade, currency }: { trade: Trade; currency: string }) {
  const facts: [string, ReactNode][] = [
    ["Opened", <Time key="opened" iso={trade.opened_at} />],
    ["Closed", trade.closed_at ? <Time key="closed" iso={trade.closed_at} /> : "still open"],
    ["Entry → exit", `${formatPrice(trade.entry_price)} → ${formatPrice(trade.exit_price)}`],
    ["Quantity", formatPrice(trade.quantity)],
    ["Held", formatDuration(trade.holding_seconds)],
    ["Gross", formatMoney(trade.gross_pnl, currency)],
    ["Fees", formatMoney(trade.fees, currency)],
    ["Funding", formatMoney(trade.funding, currency)],
    ["Worst / best while open", `${formatMoney(trade.mae)} / ${formatMoney(trade.mfe)}`],
    ...(trade.stop_price === null
      ? []
      : [["Stop at entry", formatPrice(trade.stop_price)] satisfies [string, ReactNode]]),
    ...(trade.r === null
      ? []
      : [["Net in R (risk at the stop)", formatSigned(trade.r, 2, " R")] satisfies [string, ReactNode]]),
    ["Entry / exit tag", `${trade.entry_tag ?? DASH} / ${trade.exit_tag ?? DASH}`],
  ];
  return (
    <article
      data-testid="trade-card"
      data-trade-id={trade.trade_id}
      className="space-y-2 rounded-md border bg-raised p-3"
    >
      <header className="tnum flex flex-wrap items-baseline gap-x-2">
        <h3 className="min-w-0 text-[13px] font-semibold break-words">
          #{trade.trade_id} {trade.symbol}
        </h3>
        <span className="text-xs text-ink-3">{trade.side}</span>
        <p className="ms-auto whitespace-nowrap">
          <span className={cn("text-[13px] font-semibold", toneOf(trade.net_pnl))}>
            {formatSigned(trade.net_pnl, 2, ` ${currency}`)}
          </span>{" "}
          <span className="text-xs text-ink-2">{formatSigned(trade.return_pct, 2, "%")}</span>
        </p>
      </header>
      <dl className="tnum grid grid-cols-2 gap-x-3 gap-y-1 text-xs">
        {facts.map(([label, value]) => (
          <div key={label} className="min-w-0">
            <dt className="text-2xs text-ink-3">{label}</dt>
            <dd className="truncate" title={typeof value === "string" ? value : undefined}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <Reasoning label="Reasoning at entry" text={trade.entry_reasoning} />
      <Reasoning label="Reasoning at exit" text={trade.exit_reasoning} />
    </article>
  );
}
