import { expect, it } from "vitest";
import { placeMarks, refine, toSeries } from "./series";

it("times rise strictly: the last point of a second stands, broken points go", () => {
  const { equity, drawdown } = toSeries([
    { t: "2025-01-01T00:00:02Z", equity: 3, drawdown: -1 },
    { t: "2025-01-01T00:00:01.2Z", equity: 1, drawdown: 0 },
    { t: "2025-01-01T00:00:01.9Z", equity: 2, drawdown: -0.5 },
    { t: "never", equity: 9, drawdown: 0 },
  ]);
  expect(equity.map(({ value }) => value)).toEqual([2, 3]);
  expect(drawdown.map(({ value }) => value)).toEqual([-0.5, -1]);
  expect(equity[0]!.time).toBeLessThan(equity[1]!.time);
});

it("a closer look takes the place of the part it is of", () => {
  const at = (t: string, equity: number) => ({ t, equity, drawdown: 0 });
  const whole = [at("2025-01-01T00:00:00Z", 1), at("2025-01-02T00:00:00Z", 2), at("2025-01-04T00:00:00Z", 4)];
  const part = [at("2025-01-02T00:00:00Z", 20), at("2025-01-02T12:00:00Z", 25), at("2025-01-03T00:00:00Z", 30)];
  expect(refine(whole, part).map((point) => point.equity)).toEqual([1, 20, 25, 30, 4]);
  expect(refine(whole, [])).toEqual(whole);
});

it("marks stand on the last point not after them, in order of time", () => {
  const { equity } = toSeries([
    { t: "2025-01-01T00:00:00Z", equity: 1, drawdown: 0 },
    { t: "2025-01-03T00:00:00Z", equity: 2, drawdown: 0 },
  ]);
  const times = equity.map((point) => point.time);
  const placed = placeMarks(times, [
    { tradeId: 3, t: "2025-01-09T00:00:00Z", net: 1 },
    { tradeId: 1, t: "2024-12-31T00:00:00Z", net: 1 },
    { tradeId: 2, t: "2025-01-02T23:00:00Z", net: -1 },
    { tradeId: 4, t: "never", net: 1 },
  ]);
  expect(placed.map(({ mark }) => mark.tradeId)).toEqual([1, 2, 3]);
  expect(placed.map(({ time }) => time)).toEqual([times[0], times[0], times[1]]);
  expect(placeMarks([], [{ tradeId: 1, t: "2025-01-01T00:00:00Z", net: 1 }])).toEqual([]);
});
