import { HourBars } from "@/components/charts/hour-bars";
import { SymbolBars } from "@/components/charts/symbol-bars";
import { useActions } from "@/hooks/use-actions";
import { ProblemNote } from "@/components/ui/problem-note";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { useAnalysis } from "@/hooks/use-analysis";
import { labelOf } from "@/lib/format";
import { filterOfRow } from "@/lib/trade-choices";
import type { BreakdownRow, Run, Trade } from "@/lib/types";
import { RunBridge } from "./run-bridge";
import { RunEquitySketch } from "./run-equity-sketch";
import { RunFigures } from "./run-figures";
import { TradeTable } from "./trade-table";

function Analysed({ run }: { run: Run }) {
  const { showTrades } = useActions();
  const analysis = useAnalysis(run);
  if (analysis.error) return <ProblemNote error={analysis.error} onRetry={() => void analysis.refetch()} />;
  if (!analysis.data) return <Skeleton className="h-64" />;
  const { breakdowns, bridge, worst_trades, currency } = analysis.data;
  const openTrade = (trade: Trade) => showTrades({ run, ids: [trade.trade_id], title: `Trade #${trade.trade_id}` });
  const open = (dimension: string) => (row: BreakdownRow) => {
    const where = filterOfRow(dimension, row.key);
    if (row.trade_count) showTrades({ run, ids: row.trade_ids, where, title: `${labelOf(dimension)} ${row.key}` });
  };
  return (
    <>
      <Section title="From gross to the result" note={currency}>
        <RunBridge bridge={bridge} />
      </Section>
      <Section title="Net P&L by hour of entry" note="UTC">
        <HourBars rows={breakdowns.hour ?? []} currency={currency} onOpen={open("hour")} />
      </Section>
      <Section title="Net P&L by symbol" note={currency}>
        <SymbolBars rows={breakdowns.symbol ?? []} currency={currency} onOpen={open("symbol")} />
      </Section>
      <Section title="Worst trades" note="click an id for the evidence">
        <TradeTable trades={worst_trades} currency={currency} onOpen={openTrade} none="No losing trades" />
      </Section>
    </>
  );
}

/** The run in short, beside the chat. */
export function RunGlance({ run }: { run: Run }) {
  return (
    <div className="@container space-y-5 p-3 md:p-4" data-testid="run-glance">
      <RunFigures run={run} />
      <RunEquitySketch run={run} />
      <Analysed run={run} />
    </div>
  );
}
