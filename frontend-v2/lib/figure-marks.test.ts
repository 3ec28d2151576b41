import { expect, it } from "vitest";
import { sourceText, tradeIdsOf } from "./figure-marks";
import type { CheckedFigure } from "./types";

const figure = (source: Record<string, unknown> | null): CheckedFigure => ({
  text: "1",
  start: 0,
  end: 1,
  status: "verified",
  source,
});

it("takes only whole numbers for trade ids", () => {
  expect(tradeIdsOf(figure({ trade_ids: [1, "2", 2.5, null, 7] }))).toEqual([1, 7]);
  expect(tradeIdsOf(figure({ trade_ids: "1,2" }))).toEqual([]);
  expect(tradeIdsOf(figure(null))).toEqual([]);
});

it("names tool and path of the source", () => {
  expect(sourceText(figure({ tool: "analyze_trades", path: "selection.net_pnl", value: 1 }))).toBe(
    "analyze_trades · selection.net_pnl",
  );
  expect(sourceText(figure({ tool: 3 }))).toBe("");
});
