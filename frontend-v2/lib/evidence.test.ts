import { describe, expect, it } from "vitest";
import type { ToolCall } from "./chat-reducer";
import { figureOrigin } from "./evidence";
import type { CheckedFigure } from "./types";

const call = (id: string, data: Record<string, unknown>): ToolCall => ({
  tool: "analyze_trades",
  id,
  args: { filter_type: "all" },
  state: "done",
  durationMs: 1,
  summary: "",
  data,
});
const ANALYSIS = call("a", {
  breakdowns: { symbol: [{ key: "BTC/USDT", net_pnl: -5 }] },
  worst_trades: [{ trade_id: 7, net_pnl: -3 }],
  definitions: { net_pnl: "Gross minus fees plus funding." },
});
const METRICS = call("m", {
  figures: { win_rate: { value: 40, unit: "pct", definition: "Winners among closed trades." } },
});
const figure = (
  source: Record<string, unknown> | null,
  status: CheckedFigure["status"] = "verified",
): CheckedFigure => ({
  text: "x",
  start: 0,
  end: 1,
  status,
  source,
});
const from = (id: string, path: string, value = 0) => ({ tool: "analyze_trades", id, path, value, trade_ids: [] });

describe("figureOrigin", () => {
  it.each([
    [
      "a",
      "breakdowns.symbol[0].net_pnl",
      "Net P&L",
      "Breakdowns › Symbol › BTC/USDT",
      "Gross minus fees plus funding.",
    ],
    ["a", "worst_trades[0].net_pnl", "Net P&L", "Worst trades › trade #7", "Gross minus fees plus funding."],
    ["a", "worst_trades.length", "Number of worst trades", "", null],
    ["m", "figures.win_rate.value", "Win rate", "Figures", "Winners among closed trades."],
  ])("%s %s", (id, path, label, where, definition) => {
    const { origin } = figureOrigin(figure(from(id, path)), [ANALYSIS, METRICS]);
    expect(origin).toMatchObject({ label, where, definition });
  });

  it("a derived figure has a formula over the labels of its inputs", () => {
    const a = from("a", "worst_trades[0].net_pnl", -3);
    const b = from("m", "figures.win_rate.value", 40);
    const source = { ...a, path: `${a.path} ÷ ${b.path}`, inputs: [a, b] };
    const { formula, inputs, origin } = figureOrigin(figure(source, "derived"), [ANALYSIS, METRICS]);
    expect(formula).toBe("Net P&L ÷ Win rate");
    expect(inputs.map((input) => input.value)).toEqual([-3, 40]);
    expect(origin).toBeNull();
  });

  it("a result that is not on the page still gives the path in words", () => {
    expect(figureOrigin(figure(from("gone", "bridge.fees")), []).origin).toMatchObject({
      label: "Fees",
      where: "Bridge",
      definition: null,
    });
  });

  it("an unverified figure has no origin", () => {
    expect(figureOrigin(figure(null, "unverified"), [])).toEqual({
      status: "unverified",
      origin: null,
      formula: null,
      inputs: [],
    });
  });
});
