import { describe, expect, it } from "vitest";
import { bestOf, differenceInWords, evenly, needsPercent, overlayOf, standApart } from "./compare";
import type { ComparedFigure, ComparedRun, Equity, RunDifference } from "./types";

const run = (run_id: number, currency = "USDT", initial_cash = 1000, from = "2025-01-01", to = "2025-02-01") =>
  ({
    run_id,
    run_number: run_id,
    name: `R${run_id}`,
    currency,
    initial_cash,
    started_at: from,
    ended_at: to,
  }) as ComparedRun;
const figure = (unit: ComparedFigure["unit"], values: (number | null)[]) => ({ unit, values }) as ComparedFigure;
const difference = (change: Partial<RunDifference>): RunDifference => ({
  run_id_a: 1,
  run_id_b: 2,
  mean_a: 42,
  mean_b: -2,
  difference: 44,
  low: 2.1,
  high: 86.4,
  more_than_noise: true,
  why: null,
  ...change,
});

describe("bestOf", () => {
  it.each<[string, ComparedFigure, ComparedRun[], number[]]>([
    ["total_pnl", figure("money", [-5, 30, 30]), [run(1), run(2), run(3)], [1, 2]],
    ["total_pnl", figure("money", [-5, 30]), [run(1), run(2, "USD")], []],
    ["max_drawdown", figure("pct", [-5, -30]), [run(1), run(2)], [0]],
    ["win_rate", figure("pct", [50, 50]), [run(1), run(2)], []],
    ["win_rate", figure("pct", [50, null]), [run(1), run(2)], []],
    ["trade_count", figure("count", [5, 9]), [run(1), run(2)], []],
  ])("%s %j", (name, values, runs, best) =>
    expect([...bestOf(name, { figures: { [name]: values }, runs })]).toEqual(best),
  );
});

describe("differenceInWords", () => {
  const runs = [run(1), run(2)];
  it("says who earned more, by how much, and that it is more than noise", () => {
    expect(differenceInWords(difference({}), { runs, trade_result: "net_pnl" })).toBe(
      "A trade of #1 R1 earned 44.00 USDT more on average than one of #2 R2 (95 % interval +2.10 USDT to +86.40 USDT for #1 R1 less #2 R2). That is more than noise.",
    );
  });
  it("turns round for a loss, and says when chance would do", () => {
    const text = differenceInWords(difference({ difference: -3, low: -9, high: 3, more_than_noise: false }), {
      runs,
      trade_result: "return_pct",
    });
    expect(text).toContain("A trade of #2 R2 earned 3.00 percentage points more on average than one of #1 R1");
    expect(text).toContain("may be noise");
  });
  it("says why there is none", () => {
    const none = difference({ difference: null, why: "fewer than 10 closed trades" });
    expect(differenceInWords(none, { runs, trade_result: "net_pnl" })).toContain("not compared, fewer than 10 closed");
  });
});

describe("overlay", () => {
  const equity = {
    points: [
      { t: "2025-01-01T00:00:10Z", equity: 200, drawdown: 0 },
      { t: "2025-01-01T00:00:10.5Z", equity: 210, drawdown: 0 },
      { t: "2025-01-01T00:00:00Z", equity: 100, drawdown: 0 },
      { t: "never", equity: 1, drawdown: 0 },
    ],
  } as Equity;
  it("rises in time, keeps the last of a second, and starts at nought", () => {
    expect(overlayOf(equity, { percent: true, fromStart: true })).toEqual([
      { time: 0, value: 0 },
      { time: 10, value: expect.closeTo(110, 9) },
    ]);
    expect(overlayOf(equity, { percent: false, fromStart: false })[0]).toEqual({ time: 1735689600, value: 100 });
  });
  it("is no percent of nothing", () => {
    const cumulative = { points: [{ t: "2025-01-01T00:00:00Z", equity: 0, drawdown: 0 }] } as Equity;
    expect(overlayOf(cumulative, { percent: true, fromStart: true })).toEqual([]);
  });
  it("is in percent where currencies or starting money differ", () => {
    expect(needsPercent([run(1), run(2)])).toBe(false);
    expect(needsPercent([run(1), run(2, "USD")])).toBe(true);
    expect(needsPercent([run(1), run(2, "USDT", 500)])).toBe(true);
  });
  it("starts together where the runs share no time", () => {
    expect(standApart([run(1), run(2)])).toBe(false);
    expect(standApart([run(1), run(2, "USDT", 1000, "2025-03-01", "2025-04-01")])).toBe(true);
  });
});

describe("evenly", () => {
  const curve = (...points: [number, number][]) => ({ points: points.map(([time, value]) => ({ time, value })) });
  const values = (cells: number, ...lines: ReturnType<typeof curve>[]) =>
    evenly(lines, cells).map(({ points }) => points.map(({ value }) => value));

  it("puts all on moments in equal distances, on the line between a curve's points", () => {
    expect(evenly([curve([0, 10], [100, 20])], 4)).toEqual([
      { points: [0, 25, 50, 75, 100].map((time, at) => ({ time, value: 10 + at * 2.5 })) },
    ]);
  });

  it("keeps a point that falls between two moments, and the last of several", () => {
    expect(values(4, curve([0, 10], [10, 90], [20, 30], [100, 30]))[0]).toEqual([10, 30, 30, 30, 30]);
  });

  it("knows nothing before a curve's beginning and after its end", () => {
    expect(values(4, curve([0, 1], [100, 1]), curve([30, 5], [60, 7]))[1]).toEqual([null, null, 5, 7, null]);
  });

  it("takes a single point, and none", () => {
    expect(evenly([curve([7, 3])])).toEqual([{ points: [{ time: 7, value: 3 }] }]);
    expect(evenly([])).toEqual([]);
  });
});
