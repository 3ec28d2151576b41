import { expect, it } from "vitest";
import { libraryStats } from "./stats";
import type { Run } from "./types";

const run = (id: number, currency: string, total_pnl: number | null, total_return: number | null): Run =>
  ({ id, currency, summary: { total_pnl, total_return, trade_count: 10 } }) as Run;

it("no runs give no best, no worst and no totals", () => {
  expect(libraryStats([], [])).toEqual({
    models: 0,
    runs: 0,
    trades: 0,
    winning: 0,
    losing: 0,
    totals: [],
    best: null,
    worst: null,
  });
});

it("money adds up within a currency only; a run without a result is counted and not added", () => {
  const runs = [run(1, "USDT", -10, -1), run(2, "USDT", 4, 2), run(3, "USD", 5, 1), run(4, "USD", null, null)];
  const stats = libraryStats([], runs);
  expect(stats.totals).toEqual([
    { currency: "USDT", pnl: -6, runs: 2 },
    { currency: "USD", pnl: 5, runs: 1 },
  ]);
  expect(stats).toMatchObject({ runs: 4, trades: 40, winning: 2, losing: 1, best: { id: 2 }, worst: { id: 1 } });
});
