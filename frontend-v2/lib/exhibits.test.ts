import { describe, expect, it } from "vitest";
import type { ToolCall } from "./chat-reducer";
import type { CheckedFigure } from "./types";
import { exhibitsOf } from "./exhibits";
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
    const exhibits = exhibitsOf([call(ANALYSIS, "a"), call(rules, "r"), call(ANALYSIS, "b")], null);
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
  ])("%s has none", (_name, one) => expect(exhibitsOf([one], null)).toEqual([]));

  it("metrics with a drawdown have its picture", () => {
    expect(
      exhibitsOf([call({ kind: "metrics", figures: { max_drawdown: {} } })], null).map(({ kind }) => kind),
    ).toEqual(["drawdown"]);
  });
});

describe("what an answer's figures speak of", () => {
  const figure = (path: string, more: object = {}): CheckedFigure => ({
    text: "1",
    start: 0,
    end: 1,
    status: "verified",
    source: { path, ...more },
  });
  const kinds = (...figures: CheckedFigure[]) => exhibitsOf([call(ANALYSIS)], figures).map(({ kind }) => kind);

  it.each([
    ["bridge.fees", ["bridge"]],
    ["selection.net_pnl", ["bridge"]],
    ["breakdowns.hour[3].net_pnl", ["hours"]],
    ["worst_trades[0].net_pnl", ["worst"]],
    ["concentration.worst_5_share", ["worst"]],
    ["selection.win_rate", []],
    ["breakdowns.symbol[0].net_pnl", []],
  ])("%s is drawn as %j", (path, expected) => expect(kinds(figure(path))).toEqual(expected));

  it("a derived figure speaks of what it was made from", () => {
    const inputs = [{ path: "breakdowns.weekday[0].net_pnl" }, { path: "bridge.fees" }];
    expect(kinds(figure("a + b", { inputs }))).toEqual(["bridge", "hours"]);
  });

  it("under an answer about chosen trades the whole run's bridge is not drawn", () => {
    const shorts = { ...ANALYSIS, filter: { filter_type: "side", criteria: "short" } };
    expect(
      exhibitsOf([call(shorts)], [figure("selection.net_pnl"), figure("breakdowns.hour[0].net_pnl")]),
    ).toMatchObject([{ kind: "hours" }]);
  });

  it("rules belong to every answer that they were made for", () => {
    const rules = { kind: "rule_suggestions", rules: [{}] };
    expect(exhibitsOf([call(rules)], [figure("selection.win_rate")])).toMatchObject([
      { kind: "rules", label: "1 rule" },
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
      steps: [{ label: "Net", value: 0, total: true, cost: false, from: 0, to: 0 }],
      zero: 0,
    });
  });
});
