import type { ToolCall } from "./chat-reducer";
import type { Analysis, BreakdownRow, Metrics, RuleSuggestions } from "./types";

/** What of a tool's result is worth a picture. */
export type Exhibit =
  | { id: string; kind: "rules"; label: string; data: RuleSuggestions }
  | { id: string; kind: "bridge"; label: string; data: Analysis }
  | { id: string; kind: "hours"; label: string; data: Analysis }
  | { id: string; kind: "worst"; label: string; data: Analysis }
  | { id: string; kind: "drawdown"; label: string };

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function rows(analysis: Analysis, dimension: string): BreakdownRow[] {
  const found = analysis.breakdowns?.[dimension];
  return Array.isArray(found) ? found : [];
}

function ofAnalysis(call: ToolCall, data: Analysis): Exhibit[] {
  const exhibits: Exhibit[] = [];
  const { bridge, worst_trades } = data;
  if (isFields(bridge) && typeof bridge.net_pnl === "number")
    exhibits.push({ id: `${call.id}-bridge`, kind: "bridge", label: "Loss bridge", data });
  if (rows(data, "hour").length)
    exhibits.push({ id: `${call.id}-hours`, kind: "hours", label: "By hour and day", data });
  if (Array.isArray(worst_trades) && worst_trades.length)
    exhibits.push({ id: `${call.id}-worst`, kind: "worst", label: "Worst trades", data });
  return exhibits;
}

// Results come from a server or from what was saved long ago: each is looked at before it is believed.
function ofCall(call: ToolCall): Exhibit[] {
  const { data } = call;
  if (call.state !== "done" || !data) return [];
  if (data.kind === "trade_analysis") return ofAnalysis(call, data as unknown as Analysis);
  if (data.kind === "metrics" && isFields(data.figures) && "max_drawdown" in (data as unknown as Metrics).figures)
    return [{ id: `${call.id}-drawdown`, kind: "drawdown", label: "Drawdown" }];
  if (data.kind === "rule_suggestions" && Array.isArray(data.rules) && data.rules.length) {
    const label = data.rules.length === 1 ? "1 rule" : `${data.rules.length} rules`;
    return [{ id: `${call.id}-rules`, kind: "rules", label, data: data as unknown as RuleSuggestions }];
  }
  return [];
}

const ORDER: readonly Exhibit["kind"][] = ["rules", "bridge", "hours", "drawdown", "worst"];

/** The pictures of an answer, one of a kind (the newest call's), rules first. */
export function exhibitsOf(tools: readonly ToolCall[]): Exhibit[] {
  const byKind = new Map(tools.flatMap(ofCall).map((exhibit) => [exhibit.kind, exhibit]));
  return ORDER.flatMap((kind) => byKind.get(kind) ?? []);
}

export const hasExhibits = (tools: readonly ToolCall[]): boolean => tools.some((call) => ofCall(call).length > 0);
