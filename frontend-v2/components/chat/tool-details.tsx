"use client";

import { TradeTable } from "@/components/runs/trade-table";
import { useActions } from "@/components/shell/actions-provider";
import type { ToolCall } from "@/lib/chat-reducer";
import { formatFigure, labelOf } from "@/lib/format";
import type { Analysis, Metrics, RuleSuggestions, Run } from "@/lib/types";
import { RuleCard } from "./rule-card";

function argsText(args: Record<string, unknown>): string {
  return Object.entries(args)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}

function Figures({ metrics, run }: { metrics: Metrics; run: Run }) {
  return (
    <dl className="tnum grid grid-cols-2 gap-x-4 gap-y-0.5 text-xs sm:grid-cols-3">
      {Object.entries(metrics.figures).map(([name, figure]) => (
        <div key={name} className="flex justify-between gap-2" title={figure.definition}>
          <dt className="truncate text-ink-2">{labelOf(name)}</dt>
          <dd>{formatFigure(figure.value, figure.unit, run.currency)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Result({ call, run }: { call: ToolCall; run: Run }) {
  const { showTrades } = useActions();
  const data = call.data;
  if (!data) return null;
  if (data.kind === "trade_analysis" && Array.isArray(data.worst_trades)) {
    const { worst_trades } = data as unknown as Analysis;
    return worst_trades.length ? (
      <TradeTable
        trades={worst_trades.slice(0, 5)}
        onOpen={(trade) => showTrades({ run, ids: [trade.trade_id], title: `Trade #${trade.trade_id}` })}
      />
    ) : null;
  }
  if (data.kind === "metrics" && typeof data.figures === "object" && data.figures !== null)
    return <Figures metrics={data as unknown as Metrics} run={run} />;
  if (data.kind === "rule_suggestions" && Array.isArray(data.rules)) {
    const { rules, rules_tried, parameter_values_tried, currency } = data as unknown as RuleSuggestions;
    return (
      <div className="space-y-2">
        <p className="text-xs text-ink-3">
          {rules_tried} rules and {parameter_values_tried} parameter values tried on this run.
        </p>
        {rules.map((rule, index) => (
          <RuleCard key={index} rule={rule} run={run} currency={currency} />
        ))}
      </div>
    );
  }
  return typeof data.message === "string" ? <p className="text-xs text-ink-2">{data.message}</p> : null;
}

/** What a tool was asked and what it found. */
export function ToolDetails({ call, run }: { call: ToolCall; run: Run }) {
  const args = argsText(call.args);
  return (
    <div data-testid="tool-details" className="mt-1.5 space-y-2 rounded-md border border-tool-line/60 bg-panel p-3">
      {args ? <p className="font-mono text-2xs break-words text-ink-3">{args}</p> : null}
      {call.summary ? <p className="text-[13px] whitespace-pre-wrap">{call.summary}</p> : null}
      <Result call={call} run={run} />
    </div>
  );
}
