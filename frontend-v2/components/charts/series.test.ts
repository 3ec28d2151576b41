import { expect, it } from "vitest";
import { toSeries } from "./series";

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
