import { useActions } from "@/hooks/use-actions";
import { useView } from "@/components/shell/view-provider";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Later } from "@/components/ui/later";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { useAnalysis } from "@/hooks/use-analysis";
import type { Run, Trade } from "@/lib/types";
import { PublishedTable } from "./published-table";
import { RunBreakdowns } from "./run-breakdowns";
import { RunBridge } from "./run-bridge";
import { RunCalendar } from "./run-calendar";
import { RunDistribution } from "./run-distribution";
import { RunDrawdowns } from "./run-drawdowns";
import { RunEquity } from "./run-equity";
import { RunFigures } from "./run-figures";
import { RunRolling } from "./run-rolling";
import { TradeTable } from "./trade-table";

/** What analyze_trades says of the whole run: from gross to net, the breakdowns, the trades at either end. */
function Analysed({ run }: { run: Run }) {
  const { showTrades } = useActions();
  const { go } = useView();
  const analysis = useAnalysis(run);
  if (analysis.error) return <ProblemNote error={analysis.error} onRetry={() => void analysis.refetch()} />;
  if (!analysis.data) return <Skeleton className="h-64" />;
  const { bridge, worst_trades, best_trades, open_trades, currency } = analysis.data;
  const openTrade = (trade: Trade) => showTrades({ run, ids: [trade.trade_id], title: `Trade #${trade.trade_id}` });
  const all = (
    <Button size="sm" variant="ghost" className="-my-1.5" onClick={() => go({ tab: "trades", filter: "" })}>
      All trades
    </Button>
  );
  return (
    <>
      <Section title="From gross to the result" note={currency}>
        <RunBridge bridge={bridge} />
      </Section>
      <RunBreakdowns run={run} analysis={analysis.data} />
      <div className="grid gap-5 @4xl:grid-cols-2">
        <Section title="Worst trades" note="click an id for the evidence" actions={all}>
          <TradeTable trades={worst_trades} currency={currency} onOpen={openTrade} none="No losing trades" />
        </Section>
        <Section title="Best trades">
          <TradeTable
            trades={best_trades}
            currency={currency}
            onOpen={openTrade}
            none="No winning trades"
            label="Best trades"
          />
        </Section>
      </div>
      {open_trades.length ? (
        <Section title="Still open at the end" note="marked at the last known price">
          <TradeTable trades={open_trades} currency={currency} onOpen={openTrade} none="" label="Trades still open" />
        </Section>
      ) : null}
    </>
  );
}

/** The whole report on a run. */
export function RunOverview({ run }: { run: Run }) {
  return (
    <div className="@container" data-testid="run-overview">
      <div className="mx-auto max-w-[1400px] space-y-6 p-3 md:p-5">
        <RunFigures run={run} />
        <RunEquity run={run} />
        <Later order={0} className="h-56">
          <RunDrawdowns run={run} />
        </Later>
        <Later order={1} className="h-[36rem]">
          <RunCalendar run={run} />
        </Later>
        <Later order={2} className="h-72">
          <RunDistribution run={run} />
        </Later>
        <Later order={3} className="h-96">
          <RunRolling run={run} />
        </Later>
        <Later order={4} className="h-[60rem]">
          <Analysed run={run} />
        </Later>
        <Later order={5}>
          <PublishedTable run={run} />
        </Later>
      </div>
    </div>
  );
}
