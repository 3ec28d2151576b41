import { describe, expect, it } from "vitest";
import { deserves, removedBy } from "./rule-trades";
import type { RuleReplay, SuggestedRule } from "./types";

const REPLAY: RuleReplay = {
  method: "exact",
  method_note: null,
  trades_removed: 4,
  losers_avoided: 3,
  winners_lost: 1,
  net_pnl_before: -10,
  net_pnl_after: 5,
  net_pnl_after_low: null,
  net_pnl_after_high: null,
  max_drawdown_before: -3,
  max_drawdown_after: -1,
  first_half_gain: 7,
  second_half_gain: 8,
  verdict: "holds",
  verdict_why: null,
};
const rule = (enforcement: Record<string, unknown> | undefined, replay: Partial<RuleReplay> = {}): SuggestedRule => ({
  kind: "k",
  name: "n",
  params: {},
  plain: "",
  rationale: "",
  code: "",
  enforcement,
  replay: { ...REPLAY, ...replay },
});
const filter = (test: Record<string, unknown>) => ({ type: "entry_filter", ...test });

describe("removedBy", () => {
  it.each([
    [{ block_when: { field: "opened_at.hour_utc", in: [22, 23] } }, { filter_type: "hour", criteria: "22, 23" }],
    [{ block_when: { field: "entry_tag", in: ["dip"] } }, { filter_type: "tag", criteria: "dip" }],
    [{ allow_when: { field: "side", equals: "long" } }, { filter_type: "side", criteria: "long", complement: "true" }],
  ])("%j chooses by the rule's own test", (test, where) =>
    expect(removedBy(rule(filter(test)))).toEqual({ where, ids: [] }),
  );

  it("names the replay's own trades first", () => {
    const removed = removedBy(
      rule(filter({ block_when: { field: "symbol", in: ["A"] } }), { removed_trade_ids: [3, 9] }),
    );
    expect(removed).toEqual({ where: null, ids: [3, 9] });
  });

  it.each<[string, SuggestedRule]>([
    ["a rule about the state", rule(filter({ block_when: { field: "open_trades", at_least: 1 } }))],
    ["a rule about size", rule({ type: "position_size", max_value: 5 })],
    ["a rule that removes none", rule(filter({ block_when: { field: "symbol", in: ["A"] } }), { trades_removed: 0 })],
    ["a rule from long ago", rule(undefined)],
  ])("%s names none", (_name, one) => expect(removedBy(one)).toBeNull());
});

describe("deserves", () => {
  it.each<[Partial<RuleReplay>, boolean]>([
    [{}, true],
    [{ verdict: "fragile" }, true],
    [{ verdict: "no better than chance" }, false],
    [{ verdict: "in-sample only" }, false],
    [{ verdict: "hurts" }, false],
    [{ verdict: "unknown" }, false],
    [{ verdict: "shiny" }, false],
    [{ trades_removed: 0, trades_changed: 0 }, false],
    [{ trades_removed: 0, trades_changed: 6 }, true],
    [{ trades_removed: null }, true],
  ])("%j: %s", (replay, expected) => expect(deserves({ ...REPLAY, ...replay })).toBe(expected));
});
