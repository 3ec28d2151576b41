import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useActions } from "@/hooks/use-actions";
import { AskButton } from "@/components/chat/ask-button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { useTradePages, type TradePages } from "@/hooks/use-trade-pages";
import { ROOMY, useWide } from "@/hooks/use-wide";
import { cn } from "@/lib/cn";
import { questionOfTrade } from "@/lib/questions";
import { textFromFilter, type TradeFilter } from "@/lib/trade-filter";
import type { Run, Trade } from "@/lib/types";
import type { TradeColumn } from "./trade-columns";

const ROW = 34;
const ASK_WIDTH = 36;
/** Browsers draw nothing beyond some 16 million pixels; a filter reaches what lies further down. */
const MOST_ROWS = 400_000;

export interface TradeListProps {
  run: Run;
  filter: TradeFilter;
  sort: string;
  onSort: (sort: string) => void;
  columns: readonly TradeColumn[];
  onPages: (pages: Pick<TradePages, "total" | "netPnl" | "loading">) => void;
}

function Heading({ column, sort, onSort }: { column: TradeColumn; sort: string; onSort: (sort: string) => void }) {
  const down = sort === `-${column.key}`;
  const sorted = down || sort === column.key;
  // Money is looked at from its ends: the first click shows the largest.
  const next = sorted ? (down ? column.key : `-${column.key}`) : column.end ? `-${column.key}` : column.key;
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (down ? "descending" : "ascending") : "none"}
      className={cn("flex shrink-0 grow items-center px-2", column.end && "justify-end")}
      style={{ flexBasis: column.width }}
    >
      <button
        type="button"
        data-testid="sort-button"
        data-column={column.key}
        className={cn("inline-flex items-center gap-0.5 whitespace-nowrap hover:text-ink", sorted && "text-ink")}
        onClick={() => onSort(next)}
      >
        {column.label}
        {sorted ? (
          down ? (
            <ArrowDown className="size-3" aria-hidden />
          ) : (
            <ArrowUp className="size-3" aria-hidden />
          )
        ) : null}
      </button>
    </div>
  );
}

interface RowProps {
  trade: Trade | undefined;
  index: number;
  top: number;
  idWidth: number;
  columns: readonly TradeColumn[];
  currency: string;
  onOpen: (trade: Trade) => void;
}

function Row({ trade, index, top, idWidth, columns, currency, onOpen }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-testid="trade-row"
      data-index={index}
      className="group absolute inset-x-0 flex items-center border-b text-xs hover:bg-hover"
      style={{ height: ROW, transform: `translateY(${top}px)` }}
    >
      {trade ? (
        <>
          <div
            role="cell"
            className="sticky start-0 z-[1] flex h-full shrink-0 items-center bg-panel px-2 group-hover:bg-hover"
            style={{ width: idWidth }}
          >
            <button
              type="button"
              data-testid="trade-link"
              className="tnum text-accent-ink hover:underline"
              onClick={() => onOpen(trade)}
            >
              #{trade.trade_id}
            </button>
          </div>
          {columns.map((column) => (
            <div
              key={column.key}
              role="cell"
              className={cn(
                "shrink-0 grow truncate px-2",
                column.end && "text-end",
                column.tone?.(trade) ?? "text-ink-2",
              )}
              style={{ flexBasis: column.width }}
            >
              {column.show(trade)}
            </div>
          ))}
          <div role="cell" className="shrink-0" style={{ width: ASK_WIDTH }}>
            <AskButton question={questionOfTrade(trade, currency)} about={`trade #${trade.trade_id}`} />
          </div>
        </>
      ) : (
        <div role="cell" className="w-full px-2">
          <Skeleton className="h-3 w-full" />
        </div>
      )}
    </div>
  );
}

/** All trades of a run, however many: rows are drawn where one looks, pages fetched as they come into sight. */
export function TradeList({ run, filter, sort, onSort, columns, onPages }: TradeListProps) {
  const { showTrades } = useActions();
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const pages = useTradePages(run, filter, sort, range.first, range.last);
  const count = Math.min(pages.total, MOST_ROWS);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions stay within this component
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    onChange: (instance) => {
      const items = instance.getVirtualItems();
      const first = items[0]?.index ?? 0;
      const last = items.at(-1)?.index ?? 0;
      setRange((before) => (before.first === first && before.last === last ? before : { first, last }));
    },
  });
  const { total, netPnl, loading } = pages;
  const asked = `${textFromFilter(filter)} ${sort}`;
  useEffect(() => {
    // Not as an expression: browsers have begun to return a promise here, which is no clean-up.
    box.current?.scrollTo({ top: 0 });
  }, [asked]);
  useEffect(() => onPages({ total, netPnl, loading }), [onPages, total, netPnl, loading]);

  const roomy = useWide(ROOMY);
  const shown = useMemo(
    () => (roomy ? columns : columns.map((column) => ({ ...column, width: column.narrow ?? column.width }))),
    [columns, roomy],
  );
  const digits = String((run.summary.trade_count ?? total) + (run.summary.open_count ?? 0)).length;
  const idWidth = Math.max(roomy ? 60 : 48, 24 + 8 * digits);
  const width = idWidth + ASK_WIDTH + shown.reduce((sum, column) => sum + column.width, 0);
  const open = (trade: Trade): void => showTrades({ run, ids: [trade.trade_id], title: `Trade #${trade.trade_id}` });
  if (pages.error) return <ProblemNote error={pages.error} onRetry={pages.retry} />;
  if (!loading && !total) return <EmptyState title="No trade fits">Remove a condition to see more.</EmptyState>;
  return (
    <div
      ref={box}
      role="table"
      aria-label="Trades"
      aria-rowcount={total + 1}
      aria-busy={loading}
      tabIndex={0}
      data-testid="trade-list"
      className={cn("tnum h-full overflow-auto rounded-md border bg-panel", loading && total > 0 && "opacity-60")}
    >
      <div style={{ minWidth: width }}>
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-[2] flex h-8 border-b bg-raised text-2xs font-medium text-ink-2"
        >
          <div
            role="columnheader"
            className="sticky start-0 flex shrink-0 items-center bg-raised px-2"
            style={{ width: idWidth }}
          >
            Trade
          </div>
          {shown.map((column) => (
            <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
          <div role="columnheader" className="shrink-0" style={{ width: ASK_WIDTH }}>
            <span className="sr-only">Ask</span>
          </div>
        </div>
        {loading && !total ? (
          <div className="space-y-2 p-2" role="status" aria-label="Loading trades">
            {Array.from({ length: 8 }, (_, index) => (
              <Skeleton key={index} className="h-5" />
            ))}
          </div>
        ) : (
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => (
              <Row
                key={item.key}
                trade={pages.at(item.index)}
                index={item.index}
                top={item.start}
                idWidth={idWidth}
                columns={shown}
                currency={run.currency}
                onOpen={open}
              />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
