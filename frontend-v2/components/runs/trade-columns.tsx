import type { ReactNode } from "react";
import { formatDuration, formatMoney, formatPrice, formatSigned, formatUtc, toneOf } from "@/lib/format";
import type { Trade } from "@/lib/types";

export interface TradeColumn {
  /** The trade's field, and what the list is sorted by. */
  key: keyof Trade;
  label: string;
  width: number;
  end?: boolean;
  sortable?: boolean;
  show: (trade: Trade) => ReactNode;
  tone?: (trade: Trade) => string;
  /** Takes less where there is little room. */
  narrow?: number;
  /** Known only of runs that name the stops of their trades. */
  ofStops?: boolean;
}

const money = (key: keyof Trade, label: string, width = 96): TradeColumn => ({
  key,
  label,
  width,
  end: true,
  sortable: true,
  show: (trade) => formatMoney(trade[key] as number | null),
});

/** What the list can show of a trade; the id always stands first and is not among them. */
export const TRADE_COLUMNS: readonly TradeColumn[] = [
  { key: "symbol", label: "Symbol", width: 128, narrow: 108, sortable: true, show: (trade) => trade.symbol },
  { key: "side", label: "Side", width: 64, narrow: 48, sortable: true, show: (trade) => trade.side },
  {
    key: "net_pnl",
    label: "Net P&L",
    width: 112,
    narrow: 88,
    end: true,
    sortable: true,
    show: (trade) => formatSigned(trade.net_pnl),
    tone: (trade) => toneOf(trade.net_pnl),
  },
  {
    key: "return_pct",
    label: "Return",
    width: 88,
    narrow: 72,
    end: true,
    sortable: true,
    show: (trade) => formatSigned(trade.return_pct, 2, "%"),
    tone: (trade) => toneOf(trade.return_pct),
  },
  {
    key: "r",
    label: "R",
    width: 72,
    end: true,
    sortable: true,
    ofStops: true,
    show: (trade) => formatSigned(trade.r),
    tone: (trade) => toneOf(trade.r),
  },
  { key: "opened_at", label: "Opened (UTC)", width: 136, sortable: true, show: (trade) => formatUtc(trade.opened_at) },
  {
    key: "closed_at",
    label: "Closed (UTC)",
    width: 136,
    sortable: true,
    show: (trade) => (trade.closed_at ? formatUtc(trade.closed_at) : "open"),
  },
  {
    key: "holding_seconds",
    label: "Held",
    width: 80,
    end: true,
    sortable: true,
    show: (t) => formatDuration(t.holding_seconds),
  },
  { key: "exit_tag", label: "Exit tag", width: 128, sortable: true, show: (trade) => trade.exit_tag ?? "" },
  { key: "entry_tag", label: "Entry tag", width: 128, sortable: true, show: (trade) => trade.entry_tag ?? "" },
  {
    key: "quantity",
    label: "Quantity",
    width: 104,
    end: true,
    sortable: true,
    show: (trade) => formatPrice(trade.quantity),
  },
  {
    key: "entry_price",
    label: "Entry",
    width: 104,
    end: true,
    sortable: true,
    show: (trade) => formatPrice(trade.entry_price),
  },
  {
    key: "exit_price",
    label: "Exit",
    width: 104,
    end: true,
    sortable: true,
    show: (trade) => formatPrice(trade.exit_price),
  },
  {
    key: "stop_price",
    label: "Stop",
    width: 104,
    end: true,
    sortable: true,
    ofStops: true,
    show: (trade) => formatPrice(trade.stop_price),
  },
  money("gross_pnl", "Gross"),
  money("fees", "Fees", 80),
  money("funding", "Funding", 80),
  money("mae", "MAE"),
  money("mfe", "MFE"),
];

const DEFAULT: readonly string[] = [
  "symbol",
  "side",
  "opened_at",
  "closed_at",
  "net_pnl",
  "return_pct",
  "r",
  "holding_seconds",
  "exit_tag",
];
const STORAGE_KEY = "rundown-trade-columns";

/** The reader's choice of columns; what is stored but not known any more is left out. */
export function storedColumns(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null");
    if (!Array.isArray(stored)) return [...DEFAULT];
    return TRADE_COLUMNS.map((column) => column.key as string).filter((key) => stored.includes(key));
  } catch {
    return [...DEFAULT];
  }
}

export function storeColumns(keys: readonly string[]): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(keys));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
