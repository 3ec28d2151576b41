import { describe, expect, it } from "vitest";
import type { ToolCall } from "./chat-reducer";
import { exhibitsOf, hasExhibits } from "./exhibits";
import { waterfall } from "./waterfall";

const call = (data: Record<string, unknown>, id = "a", state: ToolCall["state"] = "done"): ToolCall => ({
  tool: "t",
  id,
  args: {},
  state,
  durationMs: 1,
  summary: "",
  data,
});
const ANALYSIS = {
  kind: "trade_analysis",
  bridge: { net_pnl: -1 },
  breakdowns: { hour: [{ key: "13" }] },
  worst_trades: [{ trade_id: 1 }],
};

describe("exhibitsOf", () => {
  it("rules come first, and each kind once, of the newest call", () => {
    const rules = { kind: "rule_suggestions", rules: [{}, {}] };
    const exhibits = exhibitsOf([call(ANALYSIS, "a"), call(rules, "r"), call(ANALYSIS, "b")]);
    expect(exhibits.map(({ id }) => id)).toEqual(["r-rules", "b-bridge", "b-hours", "b-worst"]);
    expect(exhibits[0]?.label).toBe("2 rules");
  });

  it.each([
    ["a failed call", call(ANALYSIS, "a", "failed")],
    ["an error", call({ kind: "tool_error", message: "m" })],
    ["a result without its parts", call({ kind: "trade_analysis" })],
    ["metrics without a drawdown", call({ kind: "metrics", figures: { fees: {} } })],
    ["no rules", call({ kind: "rule_suggestions", rules: [] })],
    ["a later kind", call({ kind: "poem" })],
  ])("%s has none", (_name, one) => expect(hasExhibits([one])).toBe(false));

  it("metrics with a drawdown have its picture", () => {
    expect(exhibitsOf([call({ kind: "metrics", figures: { max_drawdown: {} } })]).map(({ kind }) => kind)).toEqual([
      "drawdown",
    ]);
  });
});

describe("waterfall", () => {
  it("steps go on from each other; a total stands on zero", () => {
    const { steps, zero } = waterfall([
      { label: "Gross", value: 60, total: true },
      { label: "Fees", value: -100 },
      { label: "Net", value: -40, total: true },
    ]);
    expect(zero).toBe(40);
    expect(steps.map(({ from, to }) => [from, to])).toEqual([
      [40, 100],
      [0, 100],
      [0, 40],
    ]);
  });

  it("nothing but zeros is drawn at zero", () => {
    expect(waterfall([{ label: "Net", value: 0, total: true }])).toEqual({
      steps: [{ label: "Net", value: 0, total: true, from: 0, to: 0 }],
      zero: 0,
    });
  });
});
