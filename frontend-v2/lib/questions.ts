import { formatMeasure, formatMoney, formatPct, formatUtc, labelOf, plural } from "./format";
import type { BreakdownRow, DistributionBin, DrawdownPeriod, Measure, Period, Run, Trade } from "./types";

/** The questions that "Ask about this" puts into the chat: each names its subject so that an analyst can find it. */

/** The first question about a run, by how it ended. */
export function whyOf({ summary: { total_pnl } }: Run): string {
  if (!total_pnl) return "What did this run do, and what did it earn?";
  return total_pnl < 0 ? "Why did this run lose money?" : "Why did this run make money?";
}

const verdict = (net: number): string => (net < 0 ? "lose" : "make");
const size = (net: number, currency: string): string => formatMoney(Math.abs(net), currency);

export function questionOfTrade(trade: Trade, currency: string): string {
  const net = trade.net_pnl ?? 0;
  const what = `trade #${trade.trade_id} (${trade.symbol} ${trade.side}, opened ${formatUtc(trade.opened_at)} UTC)`;
  if (trade.status === "open") return `How does the open ${what} stand, and what does it risk?`;
  return `Why did ${what} ${verdict(net)} ${size(net, currency)}, and is it part of a pattern?`;
}

export function questionOfDay(day: Period, currency: string): string {
  const trades = plural(day.trade_count, "trade");
  return `What happened on ${day.key} (UTC)? ${trades} closed that day and ${day.net_pnl < 0 ? "lost" : "made"} ${size(day.net_pnl, currency)}.`;
}

export function questionOfMonth(month: Period, currency: string): string {
  return `Why did ${month.key} ${verdict(month.net_pnl)} ${size(month.net_pnl, currency)} over ${plural(month.trade_count, "trade")}?`;
}

const OF_ROW: Record<string, (key: string) => string> = {
  symbol: (key) => `trades in ${key}`,
  side: (key) => `${key} trades`,
  hour: (key) => `trades opened in hour ${key} UTC`,
  weekday: (key) => `trades opened on ${key}s (UTC)`,
  tag: (key) => `trades tagged ${key}`,
  entry_tag: (key) => `trades with the entry tag ${key}`,
  holding_time: (key) => `trades held ${key}`,
};

export function questionOfRow(dimension: string, row: BreakdownRow, currency: string): string {
  const which = OF_ROW[dimension]?.(row.key) ?? `trades of ${labelOf(dimension)} ${row.key}`;
  return `Why did ${which} ${verdict(row.net_pnl)} ${size(row.net_pnl, currency)}, and how do they differ from the rest?`;
}

export function questionOfDrawdown(period: DrawdownPeriod, currency: string): string {
  const depth = period.depth_pct === null ? formatMoney(period.depth, currency) : formatPct(period.depth_pct);
  return `What caused the drawdown of ${depth} from ${formatUtc(period.peak_at)} to ${formatUtc(period.trough_at)} UTC, and which trades made it?`;
}

export function questionOfBin(measure: Measure, bin: DistributionBin): string {
  const low = bin.low === null ? null : formatMeasure(measure, bin.low);
  const high = bin.high === null ? null : formatMeasure(measure, bin.high);
  const range = low && high ? `between ${low} and ${high}` : low ? `of ${low} or more` : `below ${high ?? ""}`;
  return `What do the ${plural(bin.trade_count, "trade")} with ${labelOf(measure)} ${range} have in common?`;
}

/** `value` as the page shows it; `over` names what it was computed over: "the 20 trades closed". */
export function questionOfRolling(figure: string, value: string, over: string, since: string, until: string): string {
  return `Why was the ${figure.toLowerCase().replace("p&l", "P&L")} ${value} over ${over} from ${formatUtc(since)} to ${formatUtc(until)} UTC, and what was different then?`;
}
