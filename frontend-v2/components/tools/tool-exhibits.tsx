import { useId, useState, type FunctionComponent } from "react";
import { useActions } from "@/hooks/use-actions";
import { onDemand } from "@/components/ui/on-demand";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import type { Exhibit, ExhibitData, ExhibitKind } from "@/lib/exhibits";
import type { Analysis, Run } from "@/lib/types";

const Waiting = () => <Skeleton className="h-40" />;

// One picture is in sight at a time, and most are never asked for.
const BridgeWaterfall = onDemand(() => import("./bridge-waterfall").then((module) => module.BridgeWaterfall), Waiting);
const HourHeat = onDemand(() => import("./hour-heat").then((module) => module.HourHeat), Waiting);
const RuleList = onDemand(() => import("./rule-list").then((module) => module.RuleList), Waiting);
const TradeTable = onDemand(() => import("@/components/runs/trade-table").then((module) => module.TradeTable), Waiting);
const UnderWater = onDemand(() => import("./under-water").then((module) => module.UnderWater), Waiting);

const MOST_TRADES = 10;

function WorstTrades({ data, run }: { data: Analysis; run: Run }) {
  const { showTrades } = useActions();
  return (
    <TradeTable
      trades={data.worst_trades.slice(0, MOST_TRADES)}
      currency={run.currency}
      onOpen={(trade) => showTrades({ run, ids: [trade.trade_id], title: `Trade #${trade.trade_id}` })}
    />
  );
}

type Views = { [Kind in ExhibitKind]: FunctionComponent<{ data: ExhibitData[Kind]; run: Run }> };

const VIEWS: Views = {
  rules: RuleList,
  bridge: BridgeWaterfall,
  hours: HourHeat,
  drawdown: UnderWater,
  worst: WorstTrades,
};

function ExhibitView({ exhibit, run }: { exhibit: Exhibit; run: Run }) {
  // A view takes the data of its own kind.
  const View = VIEWS[exhibit.kind] as FunctionComponent<{ data: Exhibit["data"]; run: Run }>;
  return <View data={exhibit.data} run={run} />;
}

export interface ToolExhibitsProps {
  exhibits: readonly Exhibit[];
  run: Run;
  /** Begins with the first picture in sight. */
  open: boolean;
}

/** What the tools of an answer found, drawn: one picture at a time. */
export function ToolExhibits({ exhibits, run, open }: ToolExhibitsProps) {
  const panel = useId();
  const [chosen, setChosen] = useState<string | null>(open ? (exhibits[0]?.id ?? null) : null);
  const shown = exhibits.find((exhibit) => exhibit.id === chosen);
  return (
    <section aria-label="What the tools found" data-testid="tool-exhibits" className="rounded-md border bg-panel">
      <div className={cn("flex flex-wrap gap-1 p-1", shown && "border-b")}>
        {exhibits.map(({ id, kind, label }) => (
          <button
            key={id}
            type="button"
            data-testid={`exhibit-${kind}`}
            aria-expanded={chosen === id}
            aria-controls={panel}
            className={cn(
              "h-7 rounded px-2.5 text-xs",
              chosen === id ? "bg-hover font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
            )}
            onClick={() => setChosen(chosen === id ? null : id)}
          >
            {label}
          </button>
        ))}
      </div>
      <div id={panel} className={cn(shown && "p-3")}>
        {shown ? <ExhibitView exhibit={shown} run={run} /> : null}
      </div>
    </section>
  );
}
