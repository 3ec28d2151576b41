"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { EquityChart } from "@/components/charts/equity-chart";
import { HourBars } from "@/components/charts/hour-bars";
import { SymbolBars } from "@/components/charts/symbol-bars";
import { useActions } from "@/components/shell/actions-provider";
import { useApi } from "@/components/shell/auth-provider";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemNote } from "@/components/ui/problem-note";
import { Skeleton } from "@/components/ui/skeleton";
import { formatMoney, labelOf } from "@/lib/format";
import type { BreakdownRow, Run, Trade } from "@/lib/types";
import { MetricTile } from "./metric-tile";
import { PublishedTable } from "./published-table";
import { TradeTable } from "./trade-table";

const HEADLINE = [
  "total_pnl",
  "total_return",
  "max_drawdown",
  "net_pnl",
  "open_pnl",
  "win_rate",
  "profit_factor",
  "sharpe",
  "trade_count",
];

function Section({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className="space-y-2">
      <h2 className="flex items-baseline justify-between gap-2 text-xs font-semibold text-ink-2">
        {title}
        {note ? <span className="truncate text-2xs font-normal text-ink-3">{note}</span> : null}
      </h2>
      {children}
    </section>
  );
}

function Figures({ run }: { run: Run }) {
  const api = useApi();
  const metrics = useQuery({
    queryKey: ["metrics", run.id, run.version],
    queryFn: () => api.runs.metrics(run.model_id, run.id),
  });
  if (metrics.error) return <ProblemNote error={metrics.error} onRetry={() => void metrics.refetch()} />;
  if (!metrics.data) return <Skeleton className="h-40" />;
  const { figures, warnings } = metrics.data;
  const rest = Object.entries(figures).filter(([name]) => !HEADLINE.includes(name));
  return (
    <div className="space-y-2">
      <div className="grid grid-cols-3 gap-1.5">
        {HEADLINE.map((name) => (
          <MetricTile key={name} name={name} figure={figures[name]} currency={run.currency} />
        ))}
      </div>
      {warnings.length ? (
        <details className="rounded-md border border-warn/30 bg-warn/5 px-2.5 py-1.5 text-xs">
          <summary className="text-warn">
            {warnings.length} {warnings.length === 1 ? "note" : "notes"} on this run
          </summary>
          <ul className="mt-1.5 list-disc space-y-1 pl-4 text-ink-2">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      ) : null}
      {rest.length ? (
        <details className="text-xs">
          <summary className="text-ink-2 hover:text-ink">All {Object.keys(figures).length} figures</summary>
          <div className="mt-1.5 grid gap-x-3 sm:grid-cols-2 xl:grid-cols-1">
            {rest.map(([name, figure]) => (
              <MetricTile key={name} name={name} figure={figure} currency={run.currency} row />
            ))}
          </div>
        </details>
      ) : null}
    </div>
  );
}

const EQUITY_BASIS: Record<string, string> = {
  source: "as the source states it",
  holdings: "cash + marked holdings",
  cumulative_pnl: "initial cash + net P&L",
};

function EquitySection({ run }: { run: Run }) {
  const api = useApi();
  const equity = useQuery({
    queryKey: ["equity", run.id, run.version],
    queryFn: () => api.runs.equity(run.model_id, run.id),
  });
  return (
    <Section
      title="Equity and drawdown"
      note={equity.data ? (EQUITY_BASIS[equity.data.basis] ?? equity.data.basis) : ""}
    >
      {equity.error ? <ProblemNote error={equity.error} onRetry={() => void equity.refetch()} /> : null}
      {equity.isPending ? <Skeleton className="h-64" /> : null}
      {equity.data && equity.data.points.length < 2 ? <EmptyState title="Too few points for a curve" /> : null}
      {equity.data && equity.data.points.length >= 2 ? (
        <EquityChart points={equity.data.points} currency={run.currency} />
      ) : null}
    </Section>
  );
}

function Breakdowns({ run }: { run: Run }) {
  const api = useApi();
  const { showTrades } = useActions();
  const analysis = useQuery({
    queryKey: ["analysis", run.id, run.version],
    queryFn: () => api.runs.analysis(run.model_id, run.id),
  });
  if (analysis.error) return <ProblemNote error={analysis.error} onRetry={() => void analysis.refetch()} />;
  if (!analysis.data) return <Skeleton className="h-64" />;
  const { breakdowns, bridge, worst_trades, open_trades, currency } = analysis.data;
  const openTrade = (trade: Trade) => showTrades({ run, ids: [trade.trade_id], title: `Trade #${trade.trade_id}` });
  const open = (title: string) => (row: BreakdownRow) => {
    if (row.trade_ids.length) showTrades({ run, ids: row.trade_ids, title: `${title} ${row.key}` });
  };
  return (
    <>
      <Section title="From gross to net" note={`closed trades, ${currency}`}>
        <dl className="grid grid-cols-4 gap-1.5 text-xs">
          {(["gross_pnl", "fees", "funding", "net_pnl"] as const).map((name) => (
            <div key={name} className="rounded-md bg-raised px-2 py-1.5">
              <dt className="truncate text-2xs text-ink-2">{labelOf(name)}</dt>
              <dd className="tnum truncate">{formatMoney(bridge[name])}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Net P&L by hour of entry" note="UTC">
        <HourBars rows={breakdowns.hour ?? []} currency={currency} onOpen={open("Hour")} />
      </Section>
      <Section title="Net P&L by symbol" note={currency}>
        <SymbolBars rows={breakdowns.symbol ?? []} currency={currency} onOpen={open("Symbol")} />
      </Section>
      <Section title="Worst trades" note="click an id for the evidence">
        <TradeTable trades={worst_trades} onOpen={openTrade} />
      </Section>
      {open_trades.length ? (
        <Section title="Still open at the end" note="marked at the last known price">
          <TradeTable trades={open_trades} onOpen={openTrade} />
        </Section>
      ) : null}
    </>
  );
}

/** Headline figures with their definitions, equity, P&L by hour and symbol, worst trades. */
export function RunOverview({ run }: { run: Run }) {
  return (
    <div className="space-y-5 p-3 md:p-4" data-testid="run-overview">
      <Figures run={run} />
      <EquitySection run={run} />
      <Breakdowns run={run} />
      <PublishedTable run={run} />
    </div>
  );
}
